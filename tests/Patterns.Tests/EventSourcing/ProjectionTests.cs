using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Servers;
using static Quayside.Patterns.Tests.EventSourcing.Counter;

namespace Quayside.Patterns.Tests.EventSourcing;

public sealed class SqliteProjectionTests() : ProjectionTests(new SqliteFiles());

public sealed class PostgresProjectionTests(PostgresServer server) : ProjectionTests(new PostgresSchemas(server));

public abstract class ProjectionTests(Databases databases) : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private EventStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = new EventStore(await databases.AtAsync("events"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await (_store?.DisposeAsync() ?? default);
        _stop.Dispose();
        await databases.DisposeAsync();
    }

    [Fact]
    public async Task The_view_follows_the_events_and_each_counts_once_across_restarts()
    {
        await AppendAsync("a", 0, 450);
        var (runner, running) = Start(new Totals());
        await runner.CatchUpAsync(Token);
        Assert.Equal(450, await TotalAsync("a"));

        await AppendAsync("a", 450, 10);
        await runner.CatchUpAsync(Token);
        await StopAsync(running);

        var (restarted, _) = Start(new Totals());
        await AppendAsync("a", 460, 1);
        await restarted.CatchUpAsync(Token);
        Assert.Equal(461, await TotalAsync("a"));
    }

    [Fact]
    public async Task A_new_version_of_the_projection_is_built_from_the_first_event()
    {
        await AppendAsync("a", 0, 3);
        var (first, running) = Start(new Totals());
        await first.CatchUpAsync(Token);
        await StopAsync(running);

        var (second, _) = Start(new Totals { Version = 2, Weight = 10 });
        await second.CatchUpAsync(Token);
        Assert.Equal(30, await TotalAsync("a"));
    }

    [Fact]
    public async Task A_rebuild_serves_whole_views_all_the_time_while_events_keep_coming()
    {
        await AppendAsync("a", 0, 1000);
        var (runner, _) = Start(new Totals());
        await runner.CatchUpAsync(Token);

        var appending = Task.Run(() => AppendAsync("a", 1000, 300), Token);
        var rebuilding = Task.Run(
            async () =>
            {
                for (var i = 0; i < 3; i++)
                    await runner.RebuildAsync(Token);
            },
            Token);
        while (!rebuilding.IsCompleted)
            Assert.InRange(await TotalAsync("a"), 1000, 1300);
        await Task.WhenAll(appending, rebuilding);
        await runner.CatchUpAsync(Token);
        Assert.Equal(1300, await TotalAsync("a"));
    }

    [Fact]
    public async Task Two_runners_on_one_file_count_each_event_once()
    {
        var (first, _) = Start(new Totals());
        var (second, _) = Start(new Totals());
        await AppendAsync("a", 0, 500);
        await Task.WhenAll(first.CatchUpAsync(Token), second.CatchUpAsync(Token));
        Assert.Equal(500, await TotalAsync("a"));
    }

    private (ProjectionRunner Runner, Task Running) Start(Totals totals)
    {
        var runner = new ProjectionRunner(_store, totals, TimeProvider.System);
        _running = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var token = _running.Token;
        return (runner, Task.Run(() => runner.RunAsync(token), Token));
    }

    private CancellationTokenSource _running = null!;

    private async Task StopAsync(Task running)
    {
        await _running.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private async Task<long> TotalAsync(string id) =>
        await _store.Database.ReadAsync(session => session.ReadLongAsync("SELECT total FROM totals WHERE id = $1", id), Token) ?? 0;

    private async Task AppendAsync(string aggregate, int from, int count)
    {
        for (var i = from; i < from + count; i++)
            Assert.IsType<AppendResult.Appended>(await _store.AppendAsync(Event(aggregate, i), Token));
    }

    private sealed class Totals : IProjection
    {
        public string Name => "totals";
        public int Version { get; init; } = 1;
        public int Weight { get; init; } = 1;

        public ValueTask CreateAsync(SqlSession session, string table) =>
            session.ScriptAsync($"CREATE TABLE {table} (id TEXT PRIMARY KEY, total BIGINT NOT NULL)");

        public async ValueTask ApplyAsync(SqlSession session, string table, IReadOnlyList<DomainEvent> events)
        {
            foreach (var happened in events)
                await session.ExecuteAsync(
                    $"INSERT INTO {table} VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET total = {table}.total + excluded.total",
                    happened.AggregateId, Weight);
        }
    }
}
