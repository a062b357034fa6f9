using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Workflows.Engine;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>The rules alone: an answer and a turn make an outcome.</summary>
public sealed class TurnRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Actions_become_events_in_the_order_in_which_they_were_sent_behind_the_new_events()
    {
        var applied = Applied(Answer(Actions.Task(3, "A"), Actions.Timer(1, TimeSpan.Zero), Actions.Task(-2, "B")));
        Assert.Equal([-1, -1, 3, 1, -2], applied.Events.Select(e => e.EventId));
        Assert.Equal(["A", "B"], applied.Tasks.Select(t => t.Request.Name));
        Assert.Single(applied.Timers);
    }

    [Fact]
    public void Beside_a_completion_tasks_run_and_timers_do_not_and_a_second_completion_is_nothing()
    {
        var applied = Applied(Answer(Actions.Timer(0, TimeSpan.Zero), Actions.Complete(1, "1"), Actions.Complete(2, "2"), Actions.Task(3, "A")));
        Assert.Empty(applied.Timers);
        Assert.Single(applied.Tasks);
        Assert.Equal("1", applied.End!.Result);
        Assert.Single(applied.Events, e => e.ExecutionCompleted is not null);
    }

    [Theory]
    [InlineData(OrchestrationStatus.ContinuedAsNew, OrchestrationStatus.Terminated, -1)]
    [InlineData(OrchestrationStatus.Completed, OrchestrationStatus.Completed, 7)]
    public void A_terminated_workflow_may_complete_but_not_go_on(OrchestrationStatus answered, OrchestrationStatus status, int eventId)
    {
        var applied = Applied(Answer(Actions.Complete(7, "mine", answered)), Events.Terminated(Noon, "out", recurse: true));
        Assert.Equal(status, applied.End!.WorkflowStatus);
        Assert.Equal(eventId, applied.Events[^1].EventId);
        Assert.True(applied.EndChildren!.Recurse);
    }

    [Fact]
    public void A_terminated_workflow_that_says_nothing_ends_with_the_output_of_the_call()
    {
        var applied = Applied(Answer(), Events.Terminated(Noon, "out", recurse: false));
        Assert.Equal((OrchestrationStatus.Terminated, "out"), (applied.End!.WorkflowStatus, applied.End.Result));
        Assert.Null(applied.EndChildren);
    }

    [Fact]
    public void The_next_run_begins_with_the_result_as_input_a_new_execution_and_the_carried_events()
    {
        var answer = Answer(Actions.ContinueAsNew(0, "2"), Actions.Task(1, "never"));
        answer.Actions[0].CompleteWorkflow.CarryoverEvents.Add(Events.EventRaised(Noon, "left", "over"));
        var next = Assert.IsType<TurnOutcome.Continued>(Apply(answer)).NextRun;
        Assert.Equal(["WorkflowStarted", "ExecutionStarted", "EventRaised"], next.Select(e => e.EventTypeCase.ToString()));
        Assert.Equal(("W", "2", "new"), (next[1].ExecutionStarted.Name, next[1].ExecutionStarted.Input, next[1].ExecutionStarted.WorkflowInstance.ExecutionId));
    }

    [Theory]
    [InlineData("p1 p2", "p1", true)]
    [InlineData("p1 p2", "p2 p1", true)]
    [InlineData("p1", "p1 p2", false)]
    [InlineData("", "p9", false)]
    [InlineData("p1", null, false)]
    public void Patches_of_the_history_must_come_first_in_the_answer(string history, string? answered, bool stalls)
    {
        var past = new History();
        var started = Events.WorkflowStarted(Noon);
        started.WorkflowStarted.Version = new() { Patches = { Split(history) } };
        past.Append([], [started, Started()]);
        var answer = new WorkflowResponse();
        if (answered is not null)
            answer.Version = new() { Patches = { Split(answered) } };
        var outcome = TurnRules.Apply(new("app", "i", past, [Events.WorkflowStarted(Noon)]), answer, Noon, () => "new");
        Assert.Equal(stalls, outcome is TurnOutcome.Stalled);
        if (outcome is TurnOutcome.Applied applied && answered is not null)
            Assert.Equal(Split(answered).Skip(Split(history).Length), applied.Events[0].WorkflowStarted.Version?.Patches ?? []);
    }

    [Fact]
    public void A_child_without_an_id_gets_that_of_its_parent_and_the_action()
    {
        var child = Assert.Single(Applied(Answer(new WorkflowAction { Id = 0x1f, CreateChildWorkflow = new() { Name = "Kid" } })).Children);
        Assert.Equal("i:001f", child.InstanceId);
        Assert.Equal(("i", 0x1f, "W"), (child.Started.ExecutionStarted.ParentInstance.WorkflowInstance.InstanceId, child.Started.ExecutionStarted.ParentInstance.TaskScheduledId, child.Started.ExecutionStarted.ParentInstance.Name));
    }

    [Fact]
    public void What_a_traced_workflow_schedules_belongs_to_the_span_of_the_workflow()
    {
        var started = Started();
        started.ExecutionStarted.ParentTraceContext = new() { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        started.ExecutionStarted.WorkflowSpanID = "00f067aa0ba902b7";
        var outcome = TurnRules.Apply(new("app", "i", new(), [Events.WorkflowStarted(Noon), started]), Answer(Actions.Task(0, "A")), Noon, () => "new");
        var task = Assert.Single(Assert.IsType<TurnOutcome.Applied>(outcome).Tasks);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", task.Request.ParentTraceContext.TraceParent);
    }

    private static WorkflowResponse Answer(params WorkflowAction[] actions) => new() { Actions = { actions } };

    private static TurnOutcome Apply(WorkflowResponse answer, params HistoryEvent[] more) =>
        TurnRules.Apply(new("app", "i", new(), [Events.WorkflowStarted(Noon), Started(), .. more]), answer, Noon, () => "new");

    private static TurnOutcome.Applied Applied(WorkflowResponse answer, params HistoryEvent[] more) => Assert.IsType<TurnOutcome.Applied>(Apply(answer, more));

    private static HistoryEvent Started()
    {
        var e = Events.New(Noon);
        e.ExecutionStarted = new() { Name = "W", WorkflowInstance = new() { InstanceId = "i", ExecutionId = "first" } };
        return e;
    }

    private static string[] Split(string patches) => patches.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
