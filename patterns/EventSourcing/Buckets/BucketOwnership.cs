using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Buckets;

/// <summary>The buckets of one shard and the steps of a move, each of which is one transaction and may be repeated.</summary>
public sealed class BucketOwnership
{
    private readonly SqlDatabase _database;
    private readonly EventTable _events;
    private readonly Action _tell;

    internal BucketOwnership(SqlDatabase database, EventTable events, Action tell) => (_database, _events, _tell) = (database, events, tell);

    /// <summary>Gives a shard that has none its first buckets.</summary>
    public Task InitializeAsync(IReadOnlyList<int> owned, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            if (await session.ReadLongAsync("SELECT 1 FROM buckets LIMIT 1") is null)
                await BucketTable.InsertAsync(session, owned, BucketState.Owned);
        },
        cancellationToken);

    public ValueTask<BucketState?> ReadStateAsync(int bucket, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => BucketTable.StateAsync(session, bucket), cancellationToken);

    public ValueTask<List<int>> ReadAsync(BucketState state, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => BucketTable.InStateAsync(session, state), cancellationToken);

    public ValueTask<OwnershipVersion> ReadVersionAsync(CancellationToken cancellationToken) => _database.ReadAsync(
        session => session.ReadFirstAsync("SELECT version, shards FROM ownership", row => new OwnershipVersion(row.GetInt64(0), row.GetInt32(1))), cancellationToken);

    /// <summary>From now on whoever reads this shard learns that there are so many.</summary>
    public Task TellShardsAsync(int shards, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync("UPDATE ownership SET version = version + 1, shards = $1 WHERE shards < $1", shards), cancellationToken);

    /// <summary>On the new shard, before the first event is copied.</summary>
    public Task ArriveAsync(IReadOnlyList<int> buckets, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => BucketTable.InsertAsync(session, buckets, BucketState.Arriving), cancellationToken);

    /// <summary>Waits for appends in flight and refuses all that come after. A later epoch takes the freeze over.</summary>
    public Task FreezeAsync(IReadOnlyList<int> buckets, long epoch, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            foreach (var bucket in buckets.Order())
                await _events.LockBucketAsync(session, bucket, shared: false);
            await BucketTable.FreezeAsync(session, buckets, epoch);
        },
        cancellationToken);

    /// <summary>Gives up a freeze of this epoch, or of one before it.</summary>
    public Task ThawAsync(IReadOnlyList<int> buckets, long epoch, CancellationToken cancellationToken) =>
        _database.WriteAsync(async session => await BucketTable.ThawAsync(session, buckets, epoch), cancellationToken);

    /// <summary>Copies events as they are; those that are here already are left alone. They count as published.</summary>
    public async Task ImportAsync(IReadOnlyList<DomainEvent> events, CancellationToken cancellationToken)
    {
        await _database.WriteAsync(
            async session =>
            {
                if (await _events.ImportAsync(session, events) is { } run)
                    await session.ExecuteAsync("INSERT INTO arrivals VALUES ($1, $2, $3)", run.Transaction, run.First, run.Last);
            },
            cancellationToken);
        _tell();
    }

    /// <summary>On the old shard, after the decision: one aggregate is no longer read here.</summary>
    public Task LeaveAsync(IReadOnlyList<int> buckets, CancellationToken cancellationToken) =>
        _database.WriteAsync(async session => await BucketTable.AdvanceAsync(session, buckets, BucketState.Leaving), cancellationToken);

    /// <summary>On the new shard, when the old one no longer reads: from here on it reads and appends.</summary>
    public Task OwnAsync(IReadOnlyList<int> buckets, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            if (await BucketTable.AdvanceAsync(session, buckets, BucketState.Owned) > 0)
                await BucketTable.ChangeAsync(session);
        },
        cancellationToken);

    /// <summary>On the old shard, when the new one shows the views: they are deleted here, for good.</summary>
    public Task ReleaseAsync(IReadOnlyList<int> buckets, ProjectionRunner views, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            if (await BucketTable.AdvanceAsync(session, buckets, BucketState.Gone) > 0)
                await BucketTable.ChangeAsync(session);
            await views.RemoveAsync(session, buckets);
        },
        cancellationToken);
}
