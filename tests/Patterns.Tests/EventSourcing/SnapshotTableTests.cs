using Quayside.EventSourcing;
using Quayside.EventSourcing.Snapshots;
using Quayside.Servers;

namespace Quayside.Patterns.Tests.EventSourcing;

public sealed class SqliteSnapshotTableTests() : SnapshotTableTests(new SqliteFiles());

public sealed class PostgresSnapshotTableTests(PostgresServer server) : SnapshotTableTests(new PostgresSchemas(server));

public abstract class SnapshotTableTests(Databases databases) : IAsyncLifetime
{
    private EventStore _store = null!;
    private SnapshotTable _snapshots = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = new EventStore(await databases.AtAsync("events"), SnapshotTable.Schema);
        _snapshots = new SnapshotTable(_ => _store);
    }

    public async ValueTask DisposeAsync()
    {
        await (_store?.DisposeAsync() ?? default);
        await databases.DisposeAsync();
    }

    [Fact]
    public async Task The_newest_snapshot_of_an_aggregate_comes_back_as_it_was_saved()
    {
        Assert.Null(await _snapshots.FindAsync("a", Token));
        var (second, third) = (Of("a", 2), Of("a", 3));
        await _snapshots.SaveAsync(second, Token);
        await _snapshots.SaveAsync(Of("b", 9), Token);
        await IsAsync(second);
        await _snapshots.SaveAsync(third, Token);
        await _snapshots.SaveAsync(second, Token);
        await IsAsync(third);
    }

    [Fact]
    public async Task A_snapshot_of_the_same_version_is_replaced_when_its_payload_has_changed()
    {
        await _snapshots.SaveAsync(Of("a", 2), Token);
        var anew = Of("a", 2) with { SchemaVersion = 8 };
        await _snapshots.SaveAsync(anew, Token);
        await IsAsync(anew);
    }

    private static Snapshot Of(string id, long version) => new(id, version, Guid.NewGuid(), 7, new byte[] { 0, 255, (byte)version });

    private async Task IsAsync(Snapshot saved)
    {
        var found = (await _snapshots.FindAsync(saved.AggregateId, Token))!;
        Assert.Equal(saved.Data.ToArray(), found.Data.ToArray());
        Assert.Equal(saved, found with { Data = saved.Data });
    }
}
