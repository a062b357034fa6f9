using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Configuration;
using static LocalDapr.Sdk.Tests.Workflows.ScriptedEngine;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>Code that does not do again what its history says: told, and with the setting "stall" kept from acting.</summary>
public class ChangedCode
{
    private delegate Task<string> Code(WorkflowContext context, string? input);

    private static readonly Dictionary<string, (Code Before, Code After)> Changes = new()
    {
        ["another activity"] = (Then(A, Go), Then(B, Go)),
        ["a timer for an activity"] = (Then(A, Go), Then(Delay, Go)),
        ["a child for an activity"] = (Then(A, Go), Then(Child, Go)),
        ["an activity for a child"] = (Then(Child, Go), Then(A, Go)),
        ["an activity for a timer"] = (Then(Delay, Go), Then(A, Go)),
        ["another child"] = (Then(Child, Go), Then(c => c.CallChildWorkflowAsync("Other"), Go)),
        ["an activity removed at the end"] = (Then(A, B), Then(A, Go)),
        ["an activity removed in the middle"] = (Then(A, B, Go), Then(B, Go)),
        ["an activity inserted"] = (Then(A, Go), Then(A, B, Go)),
        ["an activity inserted before a wait in the past"] = (Then(Go, A, Go), Then(B, Go, A, Go)),
        ["a wait removed"] = (Then(A, Go, B), Then(A, B)),
        ["the end too early"] = (Then(A, Go), Then(A)),
        ["a failure"] = (Then(A, Go), Then(A, _ => throw new InvalidOperationException("broken"))),
        ["a new run"] = (Then(A, Go), Then(A, c => { c.ContinueAsNew("x"); return Task.CompletedTask; })),
        ["a wait with time for another event"] = (Then(c => c.WaitForExternalEventAsync<string>("go", TimeSpan.FromHours(1)), Go), Then(c => c.WaitForExternalEventAsync<string>("stop", TimeSpan.FromHours(1)), Go)),
    };

    private static Code Then(params Func<WorkflowContext, Task>[] steps) => async (context, _) =>
    {
        foreach (var step in steps)
            await step(context);
        return "end";
    };

    private static Task A(WorkflowContext c) => c.CallActivityAsync("A");

    private static Task B(WorkflowContext c) => c.CallActivityAsync("B");

    private static Task Delay(WorkflowContext c) => c.CreateTimer(TimeSpan.FromHours(1));

    private static Task Child(WorkflowContext c) => c.CallChildWorkflowAsync("Child");

    private static Task<string> Go(WorkflowContext c) => c.WaitForExternalEventAsync<string>("go");

    private static ScriptedEngine Engine(Code code, LogLines? log = null, NonDeterminism nonDeterminism = NonDeterminism.Stall) =>
        For<string?, string>((context, input) => code(context, input), log, nonDeterminism);

    private static bool IsStalled(WorkflowResponse response) => response.Actions.Any(a => a.WorkflowVersionNotAvailable is not null);

    private static HistoryEvent Began(ScriptedEngine engine) => new() { EventId = -1, Timestamp = Timestamp.FromDateTime(engine.Clock.AddSeconds(1)), WorkflowStarted = new() };

    /// <summary>Runs to the last turn before the one that would end the workflow.</summary>
    private static async Task<ScriptedEngine> HistoryOfAsync(Code code)
    {
        var engine = Engine(code);
        await engine.StartAsync();
        while (true)
        {
            var (last, length) = (engine.Past[^1], engine.Past.Count);
            var next = last.TaskScheduled is not null ? Done(last.EventId)
                : last.ChildWorkflowInstanceCreated is not null ? ChildDone(last.EventId, null)
                : last.TimerCreated?.CreateTimer is not null ? Fired(last.EventId)
                : Raised("go");
            if ((await engine.TurnAsync(next)).Actions.All(a => a.CompleteWorkflow is null))
                continue;
            engine.Past.RemoveRange(length, engine.Past.Count - length);
            return engine;
        }
    }

    [Theory]
    [InlineData("another activity", "activity 'A' (id 0)", "activity 'B' (id 0)")]
    [InlineData("a timer for an activity", "activity 'A' (id 0)", "timer 'delay' (id 0)")]
    [InlineData("a child for an activity", "activity 'A' (id 0)", "child workflow 'Child' (id 0)")]
    [InlineData("an activity for a child", "child workflow 'Child' (id 0)", "activity 'A' (id 0)")]
    [InlineData("an activity for a timer", "timer 'delay' (id 0)", "activity 'A' (id 0)")]
    [InlineData("another child", "child workflow 'Child' (id 0)", "child workflow 'Other' (id 0)")]
    [InlineData("an activity removed at the end", "activity 'B' (id 1)", "nothing")]
    [InlineData("an activity removed in the middle", "activity 'A' (id 0)", "activity 'B' (id 0)")]
    [InlineData("an activity inserted", "nothing", "activity 'B' (id 1)")]
    [InlineData("an activity inserted before a wait in the past", "nothing", "activity 'B' (id 0)")]
    [InlineData("a wait removed", "nothing", "activity 'B' (id 1)")]
    [InlineData("the end too early", "nothing", "end of the workflow")]
    [InlineData("a failure", "nothing", "end of the workflow by System.InvalidOperationException: broken")]
    [InlineData("a new run", "nothing", "end of the run 'continue as new' (id 1)")]
    [InlineData("a wait with time for another event", "timer 'wait for go' (id 0)", "timer 'wait for stop' (id 0)")]
    public async Task A_change_is_told_and_stalls_the_instance(string change, string recorded, string done)
    {
        var (before, after) = Changes[change];
        var history = await HistoryOfAsync(before);
        var log = new LogLines();
        var changed = Engine(after, log);

        var answer = await changed.ReplayAsync(history.Past, Began(history), Raised("other"));

        Assert.NotNull(Assert.Single(answer.Actions).WorkflowVersionNotAvailable);
        Assert.Equal($"Error: Workflow Flow {InstanceId} stalls: its history holds {recorded} where its code does {done}. It goes on once a worker with fitting code connects.", Assert.Single(log.All));
        Assert.Empty((await Engine(before).ReplayAsync(history.Past, Began(history), Raised("other"))).Actions);
    }

    [Fact]
    public async Task By_default_a_change_is_only_warned_of()
    {
        var history = await HistoryOfAsync(Then(A, Go));
        var log = new LogLines();

        var answer = await Engine(Then(A, B), log, NonDeterminism.Warn).ReplayAsync(history.Past, Began(history));

        Assert.Equal("B", Assert.Single(answer.Actions).ScheduleTask.Name);
        Assert.Equal($"Warning: Workflow Flow {InstanceId} is not what it was: its history holds nothing where its code does activity 'B' (id 1). The code changed or is not deterministic.", Assert.Single(log.All));
    }

    [Fact]
    public async Task A_changed_name_differs_by_more_than_case()
    {
        var history = await HistoryOfAsync(Then(A, Go));

        Assert.Empty((await Engine(Then(c => c.CallActivityAsync("a"), Go)).ReplayAsync(history.Past, Began(history))).Actions);
    }

    [Fact]
    public async Task A_suspended_instance_does_not_stall_before_it_is_resumed()
    {
        var history = await HistoryOfAsync(Then(A, Go));
        var changed = Engine(Then(B, Go));
        var (suspended, resumed) = (new HistoryEvent { EventId = -1, ExecutionSuspended = new() }, new HistoryEvent { EventId = -1, ExecutionResumed = new() });

        Assert.Empty((await changed.ReplayAsync(history.Past, Began(history), suspended)).Actions);
        Assert.True(IsStalled(await changed.ReplayAsync([.. history.Past, Began(history), suspended], Began(history), resumed)));
    }

    [Fact]
    public async Task A_terminated_instance_does_not_stall()
    {
        var history = await HistoryOfAsync(Then(A, Go));

        var answer = await Engine(Then(B)).ReplayAsync(history.Past, Began(history), new HistoryEvent { EventId = -1, ExecutionTerminated = new() });

        Assert.Equal(OrchestrationStatus.Terminated, Assert.Single(answer.Actions).CompleteWorkflow.WorkflowStatus);
    }

    [Fact]
    public async Task A_workflow_that_is_gone_or_cannot_be_made_stalls_what_runs_and_fails_what_begins()
    {
        var history = await HistoryOfAsync(Then(A, Go));
        var none = new ScriptedEngine(_ => { }, nonDeterminism: NonDeterminism.Stall);
        var broken = new ScriptedEngine(o => o.RegisterWorkflow<Broken>("Flow"), nonDeterminism: NonDeterminism.Stall);

        Assert.True(IsStalled(await none.ReplayAsync(history.Past, Began(history), Raised("go"))));
        Assert.True(IsStalled(await broken.ReplayAsync(history.Past, Began(history), Raised("go"))));
        Assert.Equal("WorkflowNotFound", Assert.Single((await none.StartAsync()).Actions).CompleteWorkflow.FailureDetails.ErrorType);
        Assert.Equal("System.NotSupportedException", Assert.Single((await broken.StartAsync()).Actions).CompleteWorkflow.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task A_late_result_of_an_earlier_run_is_no_change_and_completes_nothing()
    {
        var engine = Engine(Then(Go, Delay, A));
        await engine.StartAsync();
        Assert.Empty((await engine.TurnAsync(Done(0, "\"late\"", "earlier"), Done(1, "\"late\"", "earlier"))).Actions);

        Assert.NotNull(Assert.Single((await engine.TurnAsync(Raised("go"))).Actions).CreateTimer);
        Assert.Empty((await engine.TurnAsync(Done(0, "\"late\"", "earlier"))).Actions);
        Assert.Equal("A", Assert.Single((await engine.TurnAsync(Fired(0))).Actions).ScheduleTask.Name);
        Assert.Empty((await engine.TurnAsync(Done(1, "\"late\"", "earlier"))).Actions);
        Assert.NotNull(Assert.Single((await engine.TurnAsync(Done(1))).Actions).CompleteWorkflow);
    }

    [Fact]
    public async Task A_run_whose_first_events_lie_in_the_past_unseen_is_no_change()
    {
        var engine = Engine(Then(A, Go));
        var began = Began(engine);
        began.Router = new() { SourceAppID = "me" };

        var answer = await engine.ReplayAsync([began, Started(), Raised("over")], Began(engine));

        Assert.Equal("A", Assert.Single(answer.Actions).ScheduleTask.Name);
    }

    [Fact]
    public async Task What_came_while_suspended_is_new_when_the_instance_is_resumed()
    {
        var replayed = new List<bool>();
        var engine = Engine(Then(c => { replayed.Add(c.IsReplaying); return A(c); }, c => { replayed.Add(c.IsReplaying); return B(c); }, Go));
        var (suspended, resumed) = (new HistoryEvent { EventId = -1, ExecutionSuspended = new() }, new HistoryEvent { EventId = -1, ExecutionResumed = new() });

        Assert.Empty((await engine.TurnAsync(Started(), suspended.Clone())).Actions);
        Assert.Empty((await engine.TurnAsync(Raised("other"))).Actions);
        Assert.Equal("A", Assert.Single((await engine.TurnAsync(resumed.Clone())).Actions).ScheduleTask.Name);
        Assert.Empty((await engine.TurnAsync(Done(0), suspended.Clone())).Actions);
        Assert.Empty((await engine.TurnAsync(Raised("other"))).Actions);
        Assert.Equal("B", Assert.Single((await engine.TurnAsync(resumed.Clone())).Actions).ScheduleTask.Name);
        Assert.Equal([false, true, true, false], [replayed[0], replayed[1], replayed[^2], replayed[^1]]);
        Assert.Empty((await engine.TurnAsync(Done(1))).Actions);
    }

    [Fact]
    public async Task A_patch_is_no_change()
    {
        var history = await HistoryOfAsync(Then(A, Go));
        var patched = Engine(async (context, _) =>
        {
            await (context.IsPatched("b") ? B(context) : A(context));
            await Go(context);
            return context.IsPatched("late") ? "new" : "old";
        });

        Assert.Empty((await patched.ReplayAsync(history.Past, Began(history))).Actions);
        Assert.Equal("B", Assert.Single((await patched.StartAsync()).Actions).ScheduleTask.Name);
        Assert.Empty((await patched.TurnAsync(Done(0))).Actions);
    }

    /// <summary>A rerun's history is a copy that keeps the source's ids, and each scheduling stands right before its result.</summary>
    [Fact]
    public async Task A_rerun_is_no_change_and_goes_on()
    {
        var engine = Engine(async (context, _) =>
        {
            await Task.WhenAll(A(context), B(context));
            return await context.CallActivityAsync<string>("C");
        });
        await engine.StartAsync();
        await engine.TurnAsync(Done(1, null, engine.Past.Single(e => e.TaskScheduled?.Name == "B").TaskScheduled.TaskExecutionId));
        var events = engine.Past;
        var scheduled = events.FindAll(e => e.TaskScheduled is not null);
        foreach (var e in events.Where(e => e.ExecutionStarted is not null))
            e.ExecutionStarted.WorkflowInstance.InstanceId = "source";
        scheduled[0].TaskScheduled.TaskExecutionId = "of the source";
        HistoryEvent[] copy = [.. events.Where(e => e.TaskScheduled is null && e.TaskCompleted is null), scheduled[1], events.Find(e => e.TaskCompleted is not null)!, scheduled[0]];

        Assert.Empty((await engine.ReplayAsync(copy, Began(engine))).Actions);
        Assert.Equal("C", Assert.Single((await engine.ReplayAsync(copy, Began(engine), Done(0, null, "of the source"))).Actions).ScheduleTask.Name);
        Assert.True(IsStalled(await Engine(Then(B, A)).ReplayAsync(copy, Began(engine))));
    }

    [Theory, InlineData(null, "Warn"), InlineData("", "Warn"), InlineData("warn", "Warn"), InlineData("Stall", "Stall")]
    public void The_setting_is_read_from_configuration(string? value, string expected) => Assert.Equal(expected, NonDeterminismSetting.Of(Configuration(value)).ToString());

    [Fact]
    public void A_wrong_setting_names_the_key_and_what_it_takes() =>
        Assert.Equal("Dapr:Workflow:NonDeterminism is '1': it takes 'warn' (the default) or 'stall'.", Assert.Throws<InvalidOperationException>(() => NonDeterminismSetting.Of(Configuration("1"))).Message);

    [Fact]
    public async Task A_worker_keeps_to_its_setting()
    {
        var history = await HistoryOfAsync(Then(A, Go));
        var engine = new StubEngine();
        await using var sidecar = await FakeSidecar.StartAsync(engine.Register);
        using var host = await StubEngine.WorkerAsync(sidecar.GrpcEndpoint, o => o.RegisterWorkflow<string?, string>("Flow", (c, i) => Then(B)(c, i)), null, (NonDeterminismSetting.Key, "stall"));

        engine.Send(new() { WorkflowRequest = new() { InstanceId = InstanceId, PastEvents = { history.Past }, NewEvents = { Began(history) } } });

        Assert.True(IsStalled(await engine.TurnAsync()));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static IConfiguration Configuration(string? value) => new ConfigurationBuilder().AddInMemoryCollection([new(NonDeterminismSetting.Key, value)]).Build();

    private sealed class Broken : Workflow<string?, string>
    {
        public Broken() => throw new NotSupportedException();

        public override Task<string> RunAsync(WorkflowContext context, string? input) => Task.FromResult("");
    }
}
