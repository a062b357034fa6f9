using Dapr.Workflow;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using static LocalDapr.Sdk.Tests.Workflows.ScriptedEngine;

namespace LocalDapr.Sdk.Tests.Workflows;

public class Replay
{
    private static CompleteWorkflowAction End(WorkflowResponse response) => Assert.Single(response.Actions).CompleteWorkflow;

    [Fact]
    public async Task Activities_run_one_after_the_other()
    {
        var engine = For<string, string>(async (context, input) => await context.CallActivityAsync<string>("B", await context.CallActivityAsync<string>("A", input)));

        var one = await engine.StartAsync("\"in\"");
        var two = await engine.TurnAsync(Done(0, "\"a\""));
        var three = await engine.TurnAsync(Done(1, "\"b\""));

        Assert.Equal((0, "A", "\"in\""), (one.Actions.Single().Id, one.Actions.Single().ScheduleTask.Name, one.Actions.Single().ScheduleTask.Input));
        Assert.Equal((1, "B", "\"a\""), (two.Actions.Single().Id, two.Actions.Single().ScheduleTask.Name, two.Actions.Single().ScheduleTask.Input));
        Assert.Equal((OrchestrationStatus.Completed, "\"b\""), (End(three).WorkflowStatus, End(three).Result));
        Assert.Equal(InstanceId, three.InstanceId);
    }

    [Fact]
    public async Task The_same_turn_gives_the_same_answer()
    {
        var engine = For<object?, int>(async (context, _) =>
        {
            var both = await Task.WhenAll(context.CallActivityAsync<int>("A"), context.CallActivityAsync<int>("B"));
            await context.CreateTimer(TimeSpan.FromMinutes(1));
            return both.Sum();
        });
        await engine.StartAsync();
        var history = engine.Past.ToArray();
        var began = new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(engine.Clock.AddSeconds(1)), WorkflowStarted = new() };
        HistoryEvent[] events = [began, Done(1, "2"), Done(0, "1")];

        var one = await engine.ReplayAsync(history, events);
        var two = await engine.ReplayAsync(history, events);

        Assert.Equal(one, two);
        Assert.Equal(2, Assert.Single(one.Actions).Id);
        Assert.Equal(engine.Clock.AddSeconds(61), one.Actions[0].CreateTimer.FireAt.ToDateTime());
    }

    [Fact]
    public async Task The_clock_is_that_of_the_turn_and_the_same_when_replayed()
    {
        var seen = new List<(DateTime, bool)>();
        var engine = For<object?, object?>(async (context, _) =>
        {
            seen.Add((context.CurrentUtcDateTime, context.IsReplaying));
            await context.CallActivityAsync("A");
            seen.Add((context.CurrentUtcDateTime, context.IsReplaying));
            await context.CallActivityAsync("B");
            seen.Add((context.CurrentUtcDateTime, context.IsReplaying));
            return null;
        });

        await engine.StartAsync();
        var t1 = engine.Clock;
        await engine.TurnAsync(Done(0));
        var t2 = engine.Clock;
        await engine.TurnAsync(Done(1));
        var t3 = engine.Clock;

        Assert.Equal([(t1, false), (t1, true), (t2, false), (t1, true), (t2, true), (t3, false)], seen);
        Assert.All(seen, s => Assert.Equal(DateTimeKind.Utc, s.Item1.Kind));
    }

    [Fact]
    public async Task A_failed_activity_is_an_exception_with_its_details()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            try
            {
                await context.CallActivityAsync("A");
                return "no";
            }
            catch (WorkflowTaskFailedException e)
            {
                return $"{e.Message}|{e.FailureDetails.ErrorType}|{e.FailureDetails.ErrorMessage}";
            }
        });
        await engine.StartAsync();

        Assert.Equal("\"Task failed: boom|My.Error|boom\"", End(await engine.TurnAsync(Failed(0))).Result);
    }

    [Fact]
    public async Task An_exception_of_the_workflow_fails_it()
    {
        var engine = For<object?, object?>((_, _) => throw new InvalidOperationException("bad"));

        var end = End(await engine.StartAsync());

        Assert.Equal((OrchestrationStatus.Failed, "System.InvalidOperationException", "bad", true), (end.WorkflowStatus, end.FailureDetails.ErrorType, end.FailureDetails.ErrorMessage, end.FailureDetails.IsNonRetriable));
    }

    [Fact]
    public async Task An_unknown_workflow_fails_and_names_ignore_case()
    {
        var engine = For<object?, int>((_, _) => Task.FromResult(1));

        Assert.Equal("WorkflowNotFound", End(await engine.StartAsync(name: "Other")).FailureDetails.ErrorType);
        Assert.Equal("1", End(await For<object?, int>((_, _) => Task.FromResult(1)).StartAsync(name: "fLOW")).Result);
    }

    [Fact]
    public async Task No_result_is_an_empty_text_and_no_input_is_null()
    {
        var engine = For<string?, string?>((_, input) => Task.FromResult(input));

        Assert.Equal("", End(await engine.StartAsync("")).Result);
    }

    [Fact]
    public async Task A_result_of_an_earlier_run_does_not_complete_a_task_of_this_one()
    {
        var engine = For<object?, string>((context, _) => context.CallActivityAsync<string>("Act"));
        var id = (await engine.StartAsync()).Actions.Single().ScheduleTask.TaskExecutionId;

        Assert.Empty((await engine.TurnAsync(Done(0, "\"stale\"", "another"))).Actions);
        Assert.Equal("\"right\"", End(await engine.TurnAsync(Done(0, "\"right\"", id))).Result);
    }

    [Fact]
    public async Task Termination_is_answered_without_running_code()
    {
        var ran = 0;
        var engine = For<object?, object?>(async (context, _) => { ran++; await context.CallActivityAsync("A"); return null; });
        await engine.StartAsync();

        var end = End(await engine.TurnAsync(new HistoryEvent { EventId = -1, ExecutionTerminated = new() { Input = "\"out\"" } }));

        Assert.Equal((OrchestrationStatus.Terminated, "\"out\"", 1), (end.WorkflowStatus, end.Result, ran));
    }

    [Fact]
    public async Task A_suspended_instance_holds_back_until_it_is_resumed()
    {
        var replaying = new List<bool>();
        var engine = For<object?, string>(async (context, _) =>
        {
            context.SetCustomStatus("busy");
            var result = await context.CallActivityAsync<string>("A");
            replaying.Add(context.IsReplaying);
            return await context.CallActivityAsync<string>("B", result);
        });
        await engine.StartAsync();

        var suspended = await engine.TurnAsync(new HistoryEvent { EventId = -1, ExecutionSuspended = new() });
        var meanwhile = await engine.TurnAsync(Done(0, "\"a\""));
        Assert.Empty(suspended.Actions.Concat(meanwhile.Actions));
        Assert.Equal(("\"busy\"", "\"busy\""), (suspended.CustomStatus, meanwhile.CustomStatus));
        Assert.Empty(replaying);
        var resumed = await engine.TurnAsync(new HistoryEvent { EventId = -1, ExecutionResumed = new() });

        Assert.Equal("B", Assert.Single(resumed.Actions).ScheduleTask.Name);
        Assert.Equal([false], replaying);
        Assert.Equal("\"b\"", End(await engine.TurnAsync(Done(1, "\"b\""))).Result);
    }

    [Fact]
    public async Task Custom_status_is_told_in_every_turn()
    {
        var engine = For<object?, object?>(async (context, _) =>
        {
            context.SetCustomStatus(new { Step = 1 });
            await context.CallActivityAsync("A");
            await context.CallActivityAsync("B");
            return null;
        });

        Assert.Equal("""{"step":1}""", (await engine.StartAsync()).CustomStatus);
        Assert.Equal("""{"step":1}""", (await engine.TurnAsync(Done(0))).CustomStatus);
    }

    [Fact]
    public async Task Continue_as_new_takes_the_unread_events_along()
    {
        var engine = For<int, int>(async (context, input) =>
        {
            await context.WaitForExternalEventAsync<string>("go");
            context.ContinueAsNew(input + 1);
            return 99;
        });
        await engine.StartAsync("1");

        var end = End(await engine.TurnAsync(Raised("left", "\"over\""), Raised("GO"), Raised("later")));

        Assert.Equal((OrchestrationStatus.ContinuedAsNew, "2"), (end.WorkflowStatus, end.Result));
        Assert.Equal(["left", "later"], end.CarryoverEvents.Select(e => e.EventRaised.Name));
        Assert.Equal("\"over\"", end.CarryoverEvents[0].EventRaised.Input);
    }

    [Fact]
    public async Task A_run_that_begins_with_its_start_in_the_past_goes_on()
    {
        var engine = For<int, object?>(async (context, input) => { await context.CallActivityAsync("A", input); return null; });
        var began = new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(engine.Clock), WorkflowStarted = new() };

        var response = await engine.ReplayAsync([began, Started("7")], began.Clone());

        Assert.Equal("7", Assert.Single(response.Actions).ScheduleTask.Input);
    }

    [Fact]
    public async Task Patches_are_taken_in_new_territory_and_kept()
    {
        var deployed = false;
        var engine = For<object?, string>(async (context, _) =>
        {
            var early = deployed && context.IsPatched("early");
            await context.CallActivityAsync("A");
            var late = context.IsPatched("late");
            await context.CallActivityAsync("B");
            return $"{early} {late} {deployed && context.IsPatched("early")}";
        });

        Assert.Null((await engine.StartAsync()).Version);
        deployed = true;
        var two = await engine.TurnAsync(Done(0));
        var three = await engine.TurnAsync(Done(1));

        Assert.Equal(["late"], two.Version.Patches);
        Assert.Equal(["late"], three.Version.Patches);
        Assert.Equal("Flow", three.Version.Name);
        Assert.Equal("\"False True False\"", End(three).Result);
    }

    [Fact]
    public async Task Calls_to_another_app_carry_both_ids()
    {
        var engine = For<object?, object?>(async (context, _) => { await context.CallActivityAsync("A", options: new(TargetAppId: "other")); return null; });

        var action = Assert.Single((await engine.StartAsync()).Actions);

        Assert.Equal(("me", "other", "other"), (action.Router.SourceAppID, action.Router.TargetAppID, action.ScheduleTask.Router.TargetAppID));
    }
}
