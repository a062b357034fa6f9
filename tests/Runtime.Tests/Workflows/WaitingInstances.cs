using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using LocalDapr.Runtime.Workflows.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>Instances that wait for a time or an event, on a clock that moves only when told to.</summary>
public sealed class WaitingInstances : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ManualTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_engine_whose_instances_all_wait_has_one_clock_timer_armed_and_writes_nothing()
    {
        await using var engine = Open();
        var stream = engine.Enter("app");
        for (var i = 0; i < 100; i++)
            await StartAsync(engine, stream, $"w{i}", i % 2 == 0 ? [Timer(0, TimeSpan.FromHours(1 + i))] : []);
        var next = TakeAsync(engine, stream);
        await using var observer = Database.Open(folder.File("w.db"), Durability.Normal, "");
        var (before, fired) = (DataVersion(), time.Fired);

        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal((1, fired), (time.Waiting, time.Fired));
        Assert.False(next.IsCompleted);
        Assert.Equal(before, DataVersion());

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, (await next).WorkflowRequest.NewEvents[^1].TimerFired.TimerId);
        await engine.CompleteTurnAsync("app", new() { InstanceId = "w0" });
        Assert.NotEqual(before, DataVersion());

        long DataVersion() => observer.Read(c => c.Scalar<long>("PRAGMA data_version"));
    }

    [Fact]
    public async Task Timers_that_fell_due_while_nobody_ran_come_once_each_and_those_of_an_instance_in_one_turn()
    {
        const int count = 300;
        await using (var engine = Open())
        {
            var stream = engine.Enter("app");
            for (var i = 0; i < count; i++)
                await StartAsync(engine, stream, $"w{i}", Timer(0, TimeSpan.FromMinutes(20)), Timer(1, TimeSpan.FromMinutes(10)), Timer(2, TimeSpan.FromHours(9)));
        }
        time.Advance(TimeSpan.FromHours(1));

        await using var restarted = Open();
        time.Advance(TimeSpan.FromMilliseconds(1));
        var next = restarted.Enter("app");
        var seen = new HashSet<string>();
        for (var i = 0; i < count; i++)
        {
            var turn = (await TakeAsync(restarted, next)).WorkflowRequest;
            Assert.Equal([1, 0], turn.NewEvents.Skip(1).Select(e => e.TimerFired.TimerId));
            Assert.True(seen.Add(turn.InstanceId));
            await restarted.CompleteTurnAsync("app", new() { InstanceId = turn.InstanceId });
        }
        Assert.False(TakeAsync(restarted, next).IsCompleted);
    }

    [Fact]
    public async Task An_event_that_comes_after_its_waits_timer_was_due_does_not_take_it_back()
    {
        await using (var engine = Open())
            await StartAsync(engine, engine.Enter("app"), "w", ForEvent(Timer(0, TimeSpan.FromMinutes(1)), "go"));
        time.Advance(TimeSpan.FromMinutes(2));

        await using var restarted = Open();
        await restarted.RaiseEventAsync("app", "w", "go", null);
        var turn = (await TakeAsync(restarted, restarted.Enter("app"))).WorkflowRequest;
        Assert.Equal(["TimerFired", "EventRaised"], turn.NewEvents.Skip(1).Select(e => e.EventTypeCase.ToString()));
    }

    [Fact]
    public async Task A_time_that_is_absent_or_out_of_range_is_past_or_never()
    {
        await using var engine = Open();
        var stream = engine.Enter("app");
        var absent = new WorkflowAction { Id = 0, CreateTimer = new() };
        var past = new WorkflowAction { Id = 1, CreateTimer = new() { FireAt = new Timestamp { Seconds = long.MinValue } } };
        var never = new WorkflowAction { Id = 2, CreateTimer = new() { FireAt = new Timestamp { Seconds = long.MaxValue } } };
        await StartAsync(engine, stream, "w", absent, past, never);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var turn = (await TakeAsync(engine, stream)).WorkflowRequest;
        Assert.Equal([1, 0], turn.NewEvents.Skip(1).Select(e => e.TimerFired.TimerId));

        var again = Actions.ContinueAsNew(3, "2");
        again.CompleteWorkflow.CarryoverEvents.Add(new HistoryEvent { EventRaised = new() { Name = "left" } });
        await engine.CompleteTurnAsync("app", new() { InstanceId = "w", Actions = { again } });
        await TakeAsync(engine, stream);
        await engine.CompleteTurnAsync("app", new() { InstanceId = "w", Actions = { Actions.Complete(0, "end") } });
        Assert.Equal("end", engine.Get("app", "w", payloads: true)!.Output);
    }

    [Fact]
    public async Task A_lost_worker_leaves_its_places_under_the_limits_to_the_next()
    {
        await using var engine = Open();
        engine.Configure("app", new(Turns: 1, Activities: 1), RetentionPolicy.KeepAll);
        var lost = engine.Enter("app");
        await StartAsync(engine, lost, "w", Actions.Task(0, "A"));
        await TakeAsync(engine, lost);
        await engine.RaiseEventAsync("app", "w", "e", null);
        await TakeAsync(engine, lost);
        engine.Leave(lost);

        var next = engine.Enter("app");
        WorkItem[] items = [await TakeAsync(engine, next), await TakeAsync(engine, next)];
        Assert.Single(items, i => i.WorkflowRequest is not null);
        Assert.Single(items, i => i.ActivityRequest is not null);
    }

    [Fact]
    public async Task An_instance_is_that_of_its_app_id_only()
    {
        await using var engine = Open();
        var other = TakeAsync(engine, engine.Enter("other"));
        await StartAsync(engine, engine.Enter("app"), "w");
        Assert.False(other.IsCompleted);
        Assert.Null(engine.Get("other", "w", payloads: false));
        Assert.Empty(engine.List("other", null, null).Ids);
        Assert.Equal(WorkflowFailure.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => engine.RaiseEventAsync("other", "w", "e", null))).Failure);
    }

    [Fact]
    public async Task A_recursive_purge_takes_the_children_and_by_force_also_those_that_run()
    {
        await using var engine = Open();
        var stream = engine.Enter("app");
        await StartAsync(engine, stream, "w", new WorkflowAction { Id = 0, CreateChildWorkflow = new() { Name = "Kid", InstanceId = "kid" } }, Actions.Complete(1));
        await TakeAsync(engine, stream);
        Assert.Equal(WorkflowFailure.NotCompleted, (await Assert.ThrowsAsync<WorkflowException>(() => engine.PurgeAsync("app", "w", recursive: true, force: false))).Failure);
        Assert.NotNull(engine.Get("app", "w", payloads: false));
        Assert.Equal(2, await engine.PurgeAsync("app", "w", recursive: true, force: true));
        Assert.Empty(engine.List("app", null, null).Ids);
    }

    private static async Task<WorkItem> TakeAsync(WorkflowEngine engine, WorkerStream stream)
    {
        var frame = await engine.TakeAsync(stream, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20));
        var bytes = new byte[frame.Size];
        frame.WriteTo(bytes);
        return WorkItem.Parser.ParseFrom(bytes);
    }

    private static WorkflowAction ForEvent(WorkflowAction timer, string name)
    {
        timer.CreateTimer.Name = name;
        return timer;
    }

    /// <summary>Starts an instance and answers its first turn.</summary>
    private static async Task StartAsync(WorkflowEngine engine, WorkerStream stream, string id, params WorkflowAction[] answer)
    {
        await engine.StartAsync(new("app", id, "W", null), wait: false, default);
        await TakeAsync(engine, stream);
        await engine.CompleteTurnAsync("app", new() { InstanceId = id, Actions = { answer } });
    }

    private WorkflowAction Timer(int id, TimeSpan after) => new() { Id = id, CreateTimer = new() { FireAt = Timestamp.FromDateTimeOffset(time.GetUtcNow() + after) } };

    private WorkflowEngine Open() => new(Database.Open(folder.File("w.db"), Durability.Normal, WorkflowSchema.Sql), time, NullLogger.Instance);
}
