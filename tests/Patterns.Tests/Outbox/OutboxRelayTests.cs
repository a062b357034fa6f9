using Microsoft.Extensions.Logging.Abstractions;
using Quayside.EventSourcing;
using Quayside.Outbox;
using Quayside.Servers;
using static Quayside.Patterns.Tests.EventSourcing.Counter;

namespace Quayside.Patterns.Tests.Outbox;

public sealed class SqliteOutboxRelayTests() : OutboxRelayTests(new SqliteFiles());

public sealed class PostgresOutboxRelayTests(PostgresServer server) : OutboxRelayTests(new PostgresSchemas(server));

public abstract class OutboxRelayTests(Databases databases) : IAsyncLifetime
{
    private readonly RecordingBroker _broker = new();
    private readonly List<(CancellationTokenSource Stop, Task Running)> _relays = [];
    private EventStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var (stop, running) in _relays)
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        }
        await (_store?.DisposeAsync() ?? default);
        await databases.DisposeAsync();
    }

    [Fact]
    public async Task Events_go_out_once_in_order_of_their_aggregate_and_aggregates_in_parallel()
    {
        _broker.Before = (_, token) => Task.Delay(2, token);
        Start(_broker);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AppendAsync($"a{i}", 0, 10)));

        await _broker.WaitForAsync(taken => taken.Count == 200);
        Assert.False(_broker.TwoOfOneAggregateAtOnce);
        Assert.InRange(_broker.MostParallel, 4, 32);
        Assert.All(_broker.Taken.GroupBy(e => e.AggregateId), one => Assert.Equal(Enumerable.Range(1, 10).Select(v => (long)v), one.Select(e => e.Version)));
    }

    [Fact]
    public async Task What_was_committed_and_not_published_before_a_crash_goes_out_after_it_and_nothing_twice_that_was_marked()
    {
        await AppendAsync("a", 0, 5);
        var first = Start(_broker);
        await _broker.WaitForAsync(taken => taken.Count == 5);
        await StopAsync(first);

        await AppendAsync("a", 5, 3);
        await CrashAsync();
        Start(_broker);
        await _broker.WaitForAsync(taken => taken.Count >= 8);
        Assert.Equal(Enumerable.Range(1, 8).Select(v => (long)v), _broker.Taken.Select(e => e.Version));
    }

    [Fact]
    public async Task An_event_that_the_broker_took_before_the_crash_but_that_was_not_marked_goes_out_again()
    {
        // the broker takes every event, and the answer to the third is lost
        _broker.Before = async (stored, token) =>
        {
            if (stored.Version == 3)
                await Task.Delay(Timeout.Infinite, token);
        };
        var other = OnAnotherLane("a");
        await AppendAsync("a", 0, 3);
        await AppendAsync(other, 0, 2);
        var first = Start(_broker);
        await _broker.WaitForAsync(taken => taken.Count == 4);
        await StopAsync(first);

        _broker.Before = (_, _) => Task.CompletedTask;
        await CrashAsync();
        Start(_broker);
        await _broker.WaitForAsync(taken => taken.Count >= 7);
        Assert.Equal([1, 2, 3], VersionsTaken("a"));
        Assert.Equal([1, 2, 1, 2], VersionsTaken(other));
    }

    [Fact]
    public async Task A_process_killed_while_it_publishes_leaves_a_lease_that_lapses_and_events_that_go_out_after_it()
    {
        var options = new RelayOptions { Lease = TimeSpan.FromMilliseconds(400) };
        _broker.Before = (stored, token) => stored.Version == 2 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await AppendAsync("a", 0, 3);
        // its clock stands still: it releases nothing and renews nothing, and what it has taken is lost with it
        Start(_broker, options, new ManualClock(DateTimeOffset.UtcNow));
        await _broker.WaitForAsync(taken => taken.Count == 1);

        await using var left = await OpenAsync();
        var next = new RecordingBroker();
        using var stop = new CancellationTokenSource();
        var relay = new OutboxRelay(left, next.PublishAsync, options, TimeProvider.System, NullLogger<OutboxRelay>.Instance);
        var running = relay.RunAsync(stop.Token);
        await next.WaitForAsync(taken => taken.Count > 0 && taken[^1].Version == 3);
        Assert.Contains(next.Taken.Select(e => e.Version).ToArray(), new long[][] { [2, 3], [1, 2, 3] });
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_broker_that_is_down_is_asked_until_it_takes_the_event_and_order_is_kept()
    {
        var failures = 6;
        _broker.Before = (_, _) => Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("down") : Task.CompletedTask;
        Start(_broker, new RelayOptions { FirstRetry = TimeSpan.FromMilliseconds(1), LongestRetry = TimeSpan.FromMilliseconds(5) });
        await AppendAsync("a", 0, 4);
        await _broker.WaitForAsync(taken => taken.Count == 4);
        Assert.Equal([1, 2, 3, 4], VersionsTaken("a"));
    }

    [Fact]
    public async Task One_aggregate_that_is_stuck_does_not_hold_up_the_others()
    {
        var free = new TaskCompletionSource();
        _broker.Before = (stored, token) => stored.AggregateId == "stuck" ? free.Task.WaitAsync(token) : Task.CompletedTask;
        Start(_broker);
        await AppendAsync("stuck", 0, 1);
        for (var i = 0; i < 20; i++)
            await AppendAsync($"a{i}", 0, 1);
        // one lane of 32 is blocked; the chance that 15 of 20 share it is nil
        await _broker.WaitForAsync(taken => taken.Count >= 15);
        free.SetResult();
        await _broker.WaitForAsync(taken => taken.Count == 21);
    }

    [Fact]
    public async Task Of_two_relays_one_is_active_and_the_other_takes_over_when_it_stops()
    {
        // long enough for a relay that is kept waiting by a loaded machine
        var options = new RelayOptions { Lease = TimeSpan.FromSeconds(3) };
        var first = Start(_broker, options);
        await AppendAsync("a", 0, 1);
        await _broker.WaitForAsync(taken => taken.Count == 1);
        var second = new RecordingBroker();
        Start(second, options);
        await AppendAsync("a", 1, 20);
        await _broker.WaitForAsync(taken => taken.Count == 21);
        Assert.Empty(second.Taken);

        await StopAsync(first);
        await AppendAsync("a", 21, 1);
        await second.WaitForAsync(taken => taken.Count == 1);
        Assert.Equal(22, Assert.Single(second.Taken).Version);
    }

    [Fact]
    public async Task A_relay_that_was_paused_past_its_lease_cannot_move_the_progress_of_its_successor()
    {
        await AppendAsync("a", 0, 3);
        await _store.SettleAsync();
        var events = await _store.ReadAfterAsync(Cursor.Start, 10, Token);
        var clock = new ManualClock();
        var paused = (await RelayLease.TryTakeAsync(_store, TimeSpan.FromSeconds(5), clock, Token)).Lease!;
        Assert.Null((await RelayLease.TryTakeAsync(_store, TimeSpan.FromSeconds(5), clock, Token)).Lease);
        clock.Advance(TimeSpan.FromSeconds(6));
        var successor = (await RelayLease.TryTakeAsync(_store, TimeSpan.FromSeconds(5), clock, Token)).Lease!;

        await successor.SaveAsync(events[0].Cursor, Token);
        await Assert.ThrowsAsync<LeaseLostException>(() => paused.SaveAsync(events[2].Cursor, Token));
        await Assert.ThrowsAsync<LeaseLostException>(() => paused.RenewAsync(Token));
        await successor.SaveAsync(events[1].Cursor, Token);
        await Assert.ThrowsAsync<LeaseLostException>(() => successor.SaveAsync(events[0].Cursor, Token));
        await successor.ReleaseAsync();
        Assert.Equal(events[1].Cursor, (await RelayLease.TryTakeAsync(_store, TimeSpan.FromSeconds(5), clock, Token)).Lease!.Cursor);
    }

    [Fact]
    public async Task A_relay_whose_lease_lapsed_while_it_was_idle_publishes_nothing_that_its_successor_has()
    {
        var (clock, options) = (new ManualClock(), new RelayOptions { Lease = TimeSpan.FromMilliseconds(400) });
        Start(_broker, options, clock);
        await AppendAsync("a", 0, 1);
        await UntilAsync(async () => await RowAsync("position") > 0);
        clock.Advance(options.Lease * 2);
        var successor = (await RelayLease.TryTakeAsync(_store, options.Lease, clock, Token)).Lease!;

        await AppendAsync("a", 1, 1);
        await successor.SaveAsync(await _store.ReadLastAsync(Token), Token);
        await successor.ReleaseAsync();
        await UntilAsync(async () => await RowAsync("epoch") == 3);
        await AppendAsync("a", 2, 1);
        await _broker.WaitForAsync(taken => taken.Any(e => e.Version == 3));
        Assert.Equal([1, 3], VersionsTaken("a"));
    }

    [Fact]
    public async Task A_relay_keeps_its_lease_while_the_broker_is_slow()
    {
        var (clock, options) = (new ManualClock(), new RelayOptions { Lease = TimeSpan.FromMilliseconds(300) });
        _broker.Before = (_, token) => Task.Delay(Timeout.Infinite, token);
        Start(_broker, options, clock);
        await AppendAsync("a", 0, 1);
        await UntilAsync(() => Task.FromResult(_broker.MostParallel == 1));
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(options.Lease * 0.6);
            await UntilAsync(async () => await RowAsync("expires") == (clock.GetUtcNow() + options.Lease).UtcTicks);
        }
        Assert.Null((await RelayLease.TryTakeAsync(_store, options.Lease, clock, Token)).Lease);
    }

    [Fact]
    public async Task A_broker_that_never_answers_is_asked_again()
    {
        var asked = 0;
        _broker.Before = (_, token) => Interlocked.Increment(ref asked) == 1 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        Start(_broker, new RelayOptions { AttemptTimeout = TimeSpan.FromMilliseconds(50), FirstRetry = TimeSpan.FromMilliseconds(1) });
        await AppendAsync("a", 0, 1);
        await _broker.WaitForAsync(taken => taken.Count == 1);
        Assert.Equal(2, asked);
    }

    private async Task<EventStore> OpenAsync() => new(await databases.AtAsync("events"), OutboxRelay.Schema);

    private async Task CrashAsync()
    {
        await _store.DisposeAsync();
        _store = await OpenAsync();
    }

    private (CancellationTokenSource Stop, Task Running) Start(RecordingBroker broker, RelayOptions? options = null, TimeProvider? time = null)
    {
        var relay = new OutboxRelay(_store, broker.PublishAsync, options ?? new(), time ?? TimeProvider.System, NullLogger<OutboxRelay>.Instance);
        var stop = new CancellationTokenSource();
        var started = (stop, Task.Run(() => relay.RunAsync(stop.Token), Token));
        _relays.Add(started);
        return started;
    }

    private async Task StopAsync((CancellationTokenSource Stop, Task Running) relay)
    {
        _relays.Remove(relay);
        await relay.Stop.CancelAsync();
        await relay.Running;
        relay.Stop.Dispose();
    }

    /// <summary>An aggregate that does not wait for this one.</summary>
    private static string OnAnotherLane(string aggregate)
    {
        var lanes = new RelayOptions().Lanes;
        return Enumerable.Range(0, 1000).Select(n => $"b{n}").First(id => RelaySession.LaneOf(id, lanes) != RelaySession.LaneOf(aggregate, lanes));
    }

    private IEnumerable<long> VersionsTaken(string aggregate) =>
        _broker.Taken.Where(e => e.AggregateId == aggregate).Select(e => e.Version);

    private async Task<long?> RowAsync(string column) =>
        await _store.Database.ReadAsync(session => session.ReadLongAsync($"SELECT {column} FROM outbox_relay"), Token);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
            await Task.Delay(5, deadline.Token);
    }

    private async Task AppendAsync(string aggregate, int from, int count)
    {
        for (var i = from; i < from + count; i++)
            Assert.IsType<AppendResult.Appended>(await _store.AppendAsync(Event(aggregate, i), Token));
    }

    private sealed class ManualClock(DateTimeOffset? now = null) : TimeProvider
    {
        private DateTimeOffset _now = now ?? DateTimeOffset.UnixEpoch.AddYears(50);
        public override DateTimeOffset GetUtcNow() => _now;
        public void Advance(TimeSpan by) => _now += by;
    }
}
