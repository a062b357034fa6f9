using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.Outbox;
using Quayside.Patterns.Tests.Outbox;
using Quayside.Servers;
using static Quayside.Patterns.Tests.EventSourcing.Counter;

namespace Quayside.Patterns.Tests.EventSourcing;

/// <summary>On PostgreSQL a transaction that got its position first may commit last. Whoever read past the hole must not miss what fills it.</summary>
public sealed class LateCommitTests(PostgresServer server) : IAsyncLifetime
{
    private readonly PostgresSchemas _databases = new(server);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _commit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _running = [];
    private EventStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = new EventStore(await _databases.AtAsync("events"), OutboxRelay.Schema);

    public async ValueTask DisposeAsync()
    {
        _commit.TrySetResult();
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_store?.DisposeAsync() ?? default);
        _stop.Dispose();
    }

    [Fact]
    public async Task A_relay_publishes_what_was_committed_late_and_keeps_the_order_of_each_aggregate()
    {
        var broker = new RecordingBroker();
        await _store.AppendAsync(Event("early", 0), Token);
        _running.Add(new OutboxRelay(_store, broker.PublishAsync, new(), TimeProvider.System, NullLogger<OutboxRelay>.Instance).RunAsync(_stop.Token));
        await broker.WaitForAsync(taken => taken.Count == 1);
        var last = await _store.ReadLastAsync(Token);
        var late = await AppendLateAsync("late");
        await _store.AppendAsync(Event("other", 0, count: 5), Token);
        Assert.Empty(await _store.ReadAfterAsync(last, 10, Token));
        _commit.SetResult();
        await late;
        await _store.AppendAsync(Event("late", 1), Token);
        await broker.WaitForAsync(taken => taken.Count == 8);
        Assert.Equal([1, 2], broker.Taken.Where(e => e.AggregateId == "late").Select(e => e.Version));
    }

    [Fact]
    public async Task Events_whose_transactions_are_those_of_another_server_are_refused_before_they_would_wait_unread()
    {
        await _store.AppendAsync(Event("dumped", 0), Token);
        await _store.Database.WriteAsync(session => session.ScriptAsync("UPDATE events SET tx = tx + 1000000000"), Token);
        await using var restored = new EventStore(await _databases.AtAsync("events"), OutboxRelay.Schema);
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await restored.ReadLastAsync(Token));
        Assert.Contains("come from another server", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_projection_counts_what_was_committed_late_also_when_it_was_built_anew_meanwhile()
    {
        var views = new ProjectionRunner(_store, new Totals(), TimeProvider.System);
        _running.Add(views.RunAsync(_stop.Token));
        await _store.AppendAsync(Event("early", 0), Token);
        await views.CatchUpAsync(Token);
        var late = await AppendLateAsync("late");
        await _store.AppendAsync(Event("other", 0, count: 5), Token);
        await views.RebuildAsync(Token);
        _commit.SetResult();
        await late;
        await views.CatchUpAsync(Token);
        Assert.Equal((1L, 1L, 5L), (await TotalAsync("early"), await TotalAsync("late"), await TotalAsync("other")));
    }

    [Fact]
    public async Task A_page_ends_before_a_transaction_that_is_open()
    {
        string[] types = ["counter.increased"];
        var late = await AppendLateAsync("late");
        await _store.AppendAsync(Event("other", 0), Token);
        var page = await _store.ReadPageAsync(Cursor.Start, 10, types, Token);
        _commit.SetResult();
        await late;
        await _store.SettleAsync();
        var rest = await _store.ReadPageAsync(page.End, 10, types, Token);
        Assert.Equal(["late", "other"], page.Events.Concat(rest.Events).Select(e => e.Event.AggregateId));
    }

    [Fact]
    public async Task The_global_order_is_that_of_the_versions_whoever_got_a_transaction_id_first()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _store.WriteAsync(
            "a",
            async transaction =>
            {
                // a change gives the transaction its id
                await transaction.Session.ExecuteAsync("UPDATE outbox_relay SET expires = 0");
                begun.SetResult();
                await _commit.Task;
                var head = await transaction.Session.ReadLongAsync("SELECT max(version) FROM events WHERE aggregate_id = 'a'") ?? 0;
                return await transaction.AppendAsync(Event("a", head));
            },
            Token);
        await begun.Task;
        var second = _store.AppendAsync(Event("a", 0), Token);
        while (!second.IsCompleted && await WaitingForALockAsync() == 0)
            await Task.Delay(10, Token);
        _commit.SetResult();
        await Task.WhenAll(first, second);
        await _store.SettleAsync();
        var versions = (await _store.ReadAfterAsync(Cursor.Start, 10, Token)).Select(e => e.Event.Version).ToList();
        Assert.Equal(versions.Order(), versions);
    }

    [Fact]
    public async Task Readers_look_again_soon_while_a_transaction_of_somebody_else_hides_what_was_committed()
    {
        var (broker, time) = (new RecordingBroker(), new RecordingTime());
        var relay = new OutboxRelay(_store, broker.PublishAsync, new(), time, NullLogger<OutboxRelay>.Instance);
        await using var stranger = new NpgsqlConnection(await server.ConnectAsync());
        await stranger.OpenAsync(Token);
        await using var transaction = await stranger.BeginTransactionAsync(Token);
        await using (var begin = new NpgsqlCommand("SELECT pg_current_xact_id()", stranger))
            await begin.ExecuteScalarAsync(Token);
        await _store.AppendAsync(Event("hidden", 0), Token);
        _running.Add(relay.RunAsync(_stop.Token));
        await time.WaitForAsync(TimeSpan.FromMilliseconds(20));
        Assert.Empty(broker.Taken);
        await transaction.CommitAsync(Token);
        await broker.WaitForAsync(taken => taken.Count == 1);
        await time.WaitForAsync(TimeSpan.FromSeconds(2));
    }

    /// <summary>The real time, which tells what is waited for.</summary>
    private sealed class RecordingTime : TimeProvider
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _waits.Writer.TryWrite(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }

        public async Task WaitForAsync(TimeSpan wait)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            while (await _waits.Reader.ReadAsync(limit.Token) != wait)
            {
            }
        }
    }

    private async Task<long?> WaitingForALockAsync() => await _store.Database.ReadAsync(
        session => session.ReadLongAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"), Token);

    /// <summary>Returns when the event is written, with a task that ends when it is committed.</summary>
    private async Task<Task> AppendLateAsync(string aggregate)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var appending = _store.WriteAsync(
            aggregate,
            async transaction =>
            {
                await transaction.AppendAsync(Event(aggregate, 0));
                written.SetResult();
                await _commit.Task;
                return true;
            },
            Token);
        await written.Task;
        return appending;
    }

    private async Task<long?> TotalAsync(string id) =>
        await _store.Database.ReadAsync(session => session.ReadLongAsync("SELECT total FROM totals WHERE id = $1", id), Token);
}
