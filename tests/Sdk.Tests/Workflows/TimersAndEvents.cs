using Dapr.Workflow;
using LocalDapr.Protocol.TaskHub;
using static LocalDapr.Sdk.Tests.Workflows.ScriptedEngine;

namespace LocalDapr.Sdk.Tests.Workflows;

public class TimersAndEvents
{
    private static string? Result(WorkflowResponse response) => Assert.Single(response.Actions).CompleteWorkflow?.Result;

    [Fact]
    public async Task A_timer_fires_at_the_turns_time_plus_its_delay()
    {
        var engine = For<object?, string>(async (context, _) => { await context.CreateTimer(TimeSpan.FromMinutes(5)); return "up"; });

        var timer = Assert.Single((await engine.StartAsync()).Actions).CreateTimer;

        Assert.Equal(engine.Clock.AddMinutes(5), timer.FireAt.ToDateTime());
        Assert.Equal(CreateTimerAction.OriginOneofCase.CreateTimer, timer.OriginCase);
        Assert.Equal("\"up\"", Result(await engine.TurnAsync(Fired(0))));
    }

    [Fact]
    public async Task A_cancelled_timer_is_still_created_and_its_firing_ignored()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimer(context.CurrentUtcDateTime.AddDays(1), cancel.Token);
            // CancelAsync would leave the turn's thread.
            cancel.Cancel();
            var cancelled = timer.IsCanceled;
            await context.CallActivityAsync("A");
            return $"{cancelled}";
        });

        Assert.Equal([0, 1], (await engine.StartAsync()).Actions.Select(a => a.Id));
        Assert.Empty((await engine.TurnAsync(Fired(0))).Actions);
        Assert.Equal("\"True\"", Result(await engine.TurnAsync(Done(1))));
    }

    [Theory, InlineData(DateTimeKind.Local), InlineData(DateTimeKind.Unspecified)]
    public async Task Time_that_is_not_UTC_is_refused(DateTimeKind kind)
    {
        var engine = For<object?, object?>(async (context, _) => { await context.CreateTimer(new DateTime(2030, 1, 1, 0, 0, 0, kind), default); return null; });

        Assert.Equal("System.ArgumentException", Assert.Single((await engine.StartAsync()).Actions).CompleteWorkflow.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task Events_wait_for_their_reader_in_order_and_ignore_case()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            return await context.WaitForExternalEventAsync<string>("go") + await context.WaitForExternalEventAsync<string>("GO");
        });
        await engine.StartAsync();
        await engine.TurnAsync(Raised("Go", "\"1\""), Raised("other", "\"x\""), Raised("gO", "\"2\""));

        Assert.Equal("\"12\"", Result(await engine.TurnAsync(Done(0))));
    }

    [Fact]
    public async Task An_event_in_time_beats_its_timer()
    {
        var engine = For<object?, string>((context, _) => context.WaitForExternalEventAsync<string>("go", TimeSpan.FromMinutes(1)));

        var timer = Assert.Single((await engine.StartAsync()).Actions).CreateTimer;

        Assert.Equal(("go", engine.Clock.AddMinutes(1)), (timer.ExternalEvent.Name, timer.FireAt.ToDateTime()));
        Assert.Equal("\"x\"", Result(await engine.TurnAsync(Raised("GO", "\"x\""))));
    }

    [Fact]
    public async Task An_event_too_late_is_a_cancelled_task_and_goes_to_the_next_reader()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            try
            {
                return await context.WaitForExternalEventAsync<string>("go", TimeSpan.FromMinutes(1));
            }
            catch (TaskCanceledException)
            {
                return "late " + await context.WaitForExternalEventAsync<string>("go");
            }
        });
        await engine.StartAsync();
        Assert.Empty((await engine.TurnAsync(Fired(0))).Actions);

        Assert.Equal("\"late x\"", Result(await engine.TurnAsync(Raised("go", "\"x\""))));
    }

    [Fact]
    public async Task A_timer_goes_out_even_when_the_event_is_there_already()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            return await context.WaitForExternalEventAsync<string>("go", TimeSpan.FromMinutes(1));
        });
        await engine.StartAsync();
        await engine.TurnAsync(Raised("go", "\"x\""));

        var response = await engine.TurnAsync(Done(0));

        Assert.Equal(["go", null], response.Actions.Select(a => a.CreateTimer?.ExternalEvent.Name));
        Assert.Equal("\"x\"", response.Actions[1].CompleteWorkflow.Result);
    }

    [Fact]
    public async Task No_time_at_all_needs_no_timer()
    {
        var engine = For<object?, string>((context, _) => context.WaitForExternalEventAsync<string>("go", TimeSpan.Zero));

        Assert.Equal("System.Threading.Tasks.TaskCanceledException", Assert.Single((await engine.StartAsync()).Actions).CompleteWorkflow.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task Events_can_be_sent_to_another_instance()
    {
        var engine = For<object?, object?>(async (context, _) => { context.SendEvent("other", "hello", 1); await context.CallActivityAsync("A"); return null; });

        var response = await engine.StartAsync();

        Assert.Equal(("other", "hello", "1"), (response.Actions[0].SendEvent.Instance.InstanceId, response.Actions[0].SendEvent.Name, response.Actions[0].SendEvent.Data));
        Assert.Equal(1, response.Actions[1].Id);
    }

    [Fact]
    public async Task A_wait_with_all_the_time_in_the_world_has_a_timer_that_never_fires()
    {
        var engine = For<object?, string>((context, _) => context.WaitForExternalEventAsync<string>("go", TimeSpan.FromTicks(-1)));

        var timer = Assert.Single((await engine.StartAsync()).Actions).CreateTimer;

        Assert.Equal(("go", 253402300799, 999999999), (timer.ExternalEvent.Name, timer.FireAt.Seconds, timer.FireAt.Nanos));
        Assert.Equal("\"x\"", Result(await engine.TurnAsync(Raised("go", "\"x\""))));
    }

    [Fact]
    public async Task A_wait_without_time_asks_for_nothing_and_a_cancelled_one_leaves_its_event_to_the_next()
    {
        var engine = For<object?, string>(async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var given = context.WaitForExternalEventAsync<string>("go", cancel.Token);
            await context.WaitForExternalEventAsync<string>("stop");
            // CancelAsync would leave the turn's thread.
            cancel.Cancel();
            return $"{given.IsCanceled} {await context.WaitForExternalEventAsync<string>("go")}";
        });

        Assert.Empty((await engine.StartAsync()).Actions);
        Assert.Empty((await engine.TurnAsync(Raised("stop"))).Actions);
        Assert.Equal("\"True x\"", Result(await engine.TurnAsync(Raised("go", "\"x\""))));
    }

    [Fact]
    public async Task Continue_as_new_can_leave_the_unread_events_behind()
    {
        var engine = For<int, int>(async (context, input) =>
        {
            await context.WaitForExternalEventAsync<string>("go");
            context.ContinueAsNew(preserveUnprocessedEvents: false);
            return 99;
        });
        await engine.StartAsync("1");

        var end = Assert.Single((await engine.TurnAsync(Raised("left"), Raised("go"))).Actions).CompleteWorkflow;

        Assert.Equal((OrchestrationStatus.ContinuedAsNew, ""), (end.WorkflowStatus, end.Result));
        Assert.Empty(end.CarryoverEvents);
    }
}
