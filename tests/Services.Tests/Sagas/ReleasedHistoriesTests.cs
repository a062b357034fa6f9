using Dapr.Common.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quayside.Workflows;

namespace Quayside.Services.Tests.Sagas;

/// <summary>Instances that a release left running go on with today's code: it decides in every turn what the released code decided.</summary>
public sealed class ReleasedHistoriesTests
{
    public static TheoryData<string> Names => new(ReleasedHistories.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Todays_code_makes_the_same_decisions_in_every_turn(string name)
    {
        await using var app = WorkflowsApp.Create(["--Logging:LogLevel:Default=None"]);
        var turns = new WorkflowTurn(
            app.Services.GetRequiredService<IWorkflowsFactory>(), app.Services.GetRequiredService<IDaprSerializer>(), NullLoggerFactory.Instance, NonDeterminism.Stall);
        foreach (var (past, fresh, made) in ReleasedHistories.Turns(ReleasedHistories.Read(name)))
        {
            var answer = await turns.RunAsync(new() { InstanceId = "instance", NewEvents = { fresh } }, past, app.Services);
            Assert.Equal(made.Select(Describe), answer.Actions.Select(Describe));
        }
    }

    [Fact]
    public void Every_workflow_has_histories() => Assert.Equal(
        typeof(WorkflowsApp).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(IWorkflow))).Select(type => type.Name).Order(StringComparer.Ordinal),
        ReleasedHistories.Names.Select(name => ReleasedHistories.Read(name).First(e => e.ExecutionStarted is not null).ExecutionStarted.Name).Distinct().Order(StringComparer.Ordinal));

    private static string Describe(HistoryEvent made) => made.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskScheduled => $"{made.EventId} activity {made.TaskScheduled.Name} {made.TaskScheduled.Input}",
        HistoryEvent.EventTypeOneofCase.TimerCreated => $"{made.EventId} timer {made.TimerCreated.FireAt}",
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => $"{made.EventId} child {made.ChildWorkflowInstanceCreated.Name} {made.ChildWorkflowInstanceCreated.Input}",
        HistoryEvent.EventTypeOneofCase.ExecutionCompleted => $"{made.EventId} {made.ExecutionCompleted.WorkflowStatus} {made.ExecutionCompleted.Result}",
        _ => throw new InvalidOperationException($"{made} comes from no action"),
    };

    private static string Describe(WorkflowAction action) => action.WorkflowActionTypeCase switch
    {
        WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask => $"{action.Id} activity {action.ScheduleTask.Name} {action.ScheduleTask.Input}",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer => $"{action.Id} timer {action.CreateTimer.FireAt}",
        WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow => $"{action.Id} child {action.CreateChildWorkflow.Name} {action.CreateChildWorkflow.Input}",
        WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow => $"{action.Id} {action.CompleteWorkflow.WorkflowStatus} {action.CompleteWorkflow.Result}",
        _ => throw new InvalidOperationException($"{action} is no decision that a history shows"),
    };
}
