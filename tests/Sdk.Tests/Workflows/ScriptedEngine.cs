using Dapr.Common.Serialization;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>The engine's side of one instance, turn by turn, as Dapr 1.18 plays it: history, clock, and events made from actions.</summary>
internal sealed class ScriptedEngine
{
    public const string InstanceId = "order-1";
    public const string ExecutionId = "exec-1";

    private readonly WorkflowTurn turn;
    private readonly List<HistoryEvent> past = [];
    private readonly IServiceProvider services = new ServiceCollection().BuildServiceProvider();
    private DateTime clock = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public ScriptedEngine(Action<WorkflowRuntimeOptions> register, ILoggerFactory? loggers = null, NonDeterminism nonDeterminism = NonDeterminism.Warn)
    {
        var options = new WorkflowRuntimeOptions();
        register(options);
        turn = new(WorkflowsFactory.Of(options), new JsonDaprSerializer(), loggers ?? NullLoggerFactory.Instance, nonDeterminism);
    }

    public static ScriptedEngine For<TIn, TOut>(Func<WorkflowContext, TIn, Task<TOut>> workflow, ILoggerFactory? loggers = null, NonDeterminism nonDeterminism = NonDeterminism.Warn) =>
        new(o => o.RegisterWorkflow("Flow", workflow), loggers, nonDeterminism);

    public List<HistoryEvent> Past => past;

    public DateTime Clock => clock;

    public Task<WorkflowResponse> StartAsync(string? input = null, string name = "Flow") => TurnAsync(Started(input, name));

    public static HistoryEvent Started(string? input = null, string name = "Flow") => new()
    {
        EventId = -1,
        ExecutionStarted = new() { Name = name, Input = input, WorkflowInstance = new() { InstanceId = InstanceId, ExecutionId = ExecutionId } },
        Router = new() { SourceAppID = "me" },
    };

    /// <summary>One turn: the clock moves a second, the events are new, the answer's actions become history.</summary>
    public async Task<WorkflowResponse> TurnAsync(params HistoryEvent[] events)
    {
        clock = clock.AddSeconds(1);
        var began = new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(clock), WorkflowStarted = new() };
        var request = new WorkflowRequest { InstanceId = InstanceId, PastEvents = { past }, NewEvents = { began } };
        foreach (var e in events)
        {
            e.Timestamp = Timestamp.FromDateTime(clock);
            request.NewEvents.Add(e);
        }
        var response = await turn.RunAsync(request, request.PastEvents, services);
        began.WorkflowStarted.Version = response.Version;
        past.AddRange(request.NewEvents);
        past.AddRange(response.Actions.Select(a => ToHistory(a, clock)).OfType<HistoryEvent>());
        return response;
    }

    /// <summary>Asks again for the last turn, as after a lost stream.</summary>
    public Task<WorkflowResponse> ReplayAsync(IReadOnlyList<HistoryEvent> history, params HistoryEvent[] events)
    {
        var request = new WorkflowRequest { InstanceId = InstanceId, PastEvents = { history }, NewEvents = { events } };
        return turn.RunAsync(request, request.PastEvents, services);
    }

    public static HistoryEvent Done(int id, string? result = null, string executionId = "") =>
        new() { EventId = -1, TaskCompleted = new() { TaskScheduledId = id, Result = result, TaskExecutionId = executionId } };

    public static HistoryEvent Failed(int id, string message = "boom", string type = "My.Error") =>
        new() { EventId = -1, TaskFailed = new() { TaskScheduledId = id, FailureDetails = new() { ErrorType = type, ErrorMessage = message } } };

    public static HistoryEvent Fired(int id) => new() { EventId = -1, TimerFired = new() { TimerId = id } };

    public static HistoryEvent Raised(string name, string? input = null) => new() { EventId = -1, EventRaised = new() { Name = name, Input = input } };

    public static HistoryEvent ChildDone(int id, string? result) => new() { EventId = -1, ChildWorkflowInstanceCompleted = new() { TaskScheduledId = id, Result = result } };

    public static HistoryEvent ChildFailed(int id) =>
        new() { EventId = -1, ChildWorkflowInstanceFailed = new() { TaskScheduledId = id, FailureDetails = new() { ErrorType = "E", ErrorMessage = "m" } } };

    /// <summary>The event that an action becomes when its turn is committed.</summary>
    public static HistoryEvent? ToHistory(WorkflowAction action, DateTime at)
    {
        var e = new HistoryEvent { EventId = action.Id, Timestamp = Timestamp.FromDateTime(at) };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                e.TaskScheduled = new() { Name = action.ScheduleTask.Name, Input = action.ScheduleTask.Input, TaskExecutionId = action.ScheduleTask.TaskExecutionId };
                return e;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                var timer = action.CreateTimer;
                e.TimerCreated = new() { FireAt = timer.FireAt };
                if (timer.CreateTimer is { } delay)
                    e.TimerCreated.CreateTimer = delay;
                else if (timer.ExternalEvent is { } wait)
                    e.TimerCreated.ExternalEvent = wait;
                else if (timer.ActivityRetry is { } retry)
                    e.TimerCreated.ActivityRetry = retry;
                else
                    e.TimerCreated.ChildWorkflowRetry = timer.ChildWorkflowRetry;
                return e;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                e.ChildWorkflowInstanceCreated = new() { Name = action.CreateChildWorkflow.Name, InstanceId = action.CreateChildWorkflow.InstanceId };
                return e;
            default:
                return null;
        }
    }
}
