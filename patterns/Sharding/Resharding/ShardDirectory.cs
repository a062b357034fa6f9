using System.Data.Common;
using Quayside.EventSourcing.Sql;

namespace Quayside.Sharding.Resharding;

/// <summary>What all processes share: the table of buckets, and the resharding in progress with the lease of its mover.</summary>
public sealed class ShardDirectory(SqlDatabase database, TimeProvider time)
{
    /// <summary>Tables that the database must be opened with.</summary>
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS bucket_map (id INTEGER PRIMARY KEY CHECK (id = 1), epoch BIGINT NOT NULL, shards INTEGER NOT NULL, shard_of BYTEA NOT NULL);
        CREATE TABLE IF NOT EXISTS resharding (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            lease BIGINT NOT NULL,
            expires BIGINT NOT NULL,
            target BYTEA,
            shards INTEGER,
            total INTEGER,
            moving TEXT,
            actor TEXT,
            started BIGINT,
            finished BIGINT);
        INSERT INTO resharding (id, lease, expires) VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS resharding_keys (request_key TEXT PRIMARY KEY, shards INTEGER NOT NULL);
        """;

    /// <summary>A later change of the configured number of shards moves nothing by accident: an existing table stays.</summary>
    public Task<BucketMap> LoadOrCreateAsync(BucketMap first, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            await session.ExecuteAsync("INSERT INTO bucket_map VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING", first.Epoch, first.Shards, Bytes(first));
            return await MapAsync(session);
        },
        cancellationToken);

    public ValueTask<BucketMap> ReadMapAsync(CancellationToken cancellationToken) => database.ReadAsync(MapAsync, cancellationToken);

    public ValueTask<ReshardingState> ReadAsync(CancellationToken cancellationToken) => database.ReadAsync(StateAsync, cancellationToken);

    /// <summary>Asks for more shards. From here on every process that looks opens them; the buckets move later, group by group.</summary>
    /// <param name="shards">Of the target, at most 256.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="key">The same for each repetition of the request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ReshardingRequest> BeginAsync(int shards, string actor, string key, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            await session.LockAsync("resharding");
            if (await session.ReadLongAsync("SELECT shards FROM resharding_keys WHERE request_key = $1", key) is { } asked)
                return asked == shards ? ReshardingRequest.Accepted : ReshardingRequest.KeyReused;
            var state = await StateAsync(session);
            if (shards < state.Map.Shards)
                return ReshardingRequest.Fewer;
            if (state.IsRunning && state.Target!.Shards != shards)
                return ReshardingRequest.Busy;
            await session.ExecuteAsync("INSERT INTO resharding_keys VALUES ($1, $2)", key, shards);
            if (shards == state.Map.Shards)
                return ReshardingRequest.Accepted;
            var target = state.Map.GrowTo(shards);
            await SaveAsync(session, state.Map.Over(shards));
            var total = state.Map.ShardOfBucket.Zip(target.ShardOfBucket).Count(pair => pair.First != pair.Second);
            await session.ExecuteAsync(
                "UPDATE resharding SET target = $1, shards = $2, total = $3, moving = NULL, actor = $4, started = $5, finished = NULL",
                Bytes(target), shards, total, actor, time.GetUtcNow().UtcTicks);
            return ReshardingRequest.Accepted;
        },
        cancellationToken);

    /// <returns>The epoch of the lease; null while another mover has one.</returns>
    internal Task<long?> TryLeaseAsync(TimeSpan duration, CancellationToken cancellationToken) => database.WriteAsync(
        session => session.ReadLongAsync(
            "UPDATE resharding SET lease = lease + 1, expires = $1 WHERE expires <= $2 RETURNING lease", (time.GetUtcNow() + duration).UtcTicks, time.GetUtcNow().UtcTicks),
        cancellationToken);

    /// <exception cref="MoverReplacedException">Another mover has taken over.</exception>
    internal Task RenewAsync(long lease, TimeSpan duration, CancellationToken cancellationToken) =>
        UpdateAsync(lease, async session => await session.ExecuteAsync("UPDATE resharding SET expires = $1", (time.GetUtcNow() + duration).UtcTicks), cancellationToken);

    internal Task EndLeaseAsync(long lease) => database.WriteAsync(
        session => session.ExecuteAsync("UPDATE resharding SET expires = 0 WHERE lease = $1", lease), CancellationToken.None);

    /// <param name="lease">Of the mover.</param>
    /// <param name="group">Null when it has moved.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal Task SetMovingAsync(long lease, BucketGroup? group, CancellationToken cancellationToken) =>
        UpdateAsync(lease, async session => await session.ExecuteAsync("UPDATE resharding SET moving = $1", group?.Format()), cancellationToken);

    /// <summary>The decision: the group belongs to its new shard.</summary>
    internal Task FlipAsync(long lease, BucketGroup group, CancellationToken cancellationToken) =>
        UpdateAsync(lease, async session => await SaveAsync(session, (await MapAsync(session)).Move(group.Buckets.ToHashSet(), group.To)), cancellationToken);

    internal Task FinishAsync(long lease, CancellationToken cancellationToken) => UpdateAsync(
        lease, async session => await session.ExecuteAsync("UPDATE resharding SET finished = $1", time.GetUtcNow().UtcTicks), cancellationToken);

    // The row of the lease is written first, so on a server database a successor waits for us, or we see him.
    private Task UpdateAsync(long lease, Func<SqlSession, ValueTask> update, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            if (await session.ExecuteAsync("UPDATE resharding SET lease = lease WHERE lease = $1", lease) == 0)
                throw new MoverReplacedException();
            await update(session);
        },
        cancellationToken);

    private static async ValueTask<BucketMap> MapAsync(SqlSession session) => (await session.ReadFirstAsync(
        "SELECT epoch, shards, shard_of FROM bucket_map", row => Map(row.GetInt32(1), row.GetFieldValue<byte[]>(2), row.GetInt64(0))))!;

    private static ValueTask<int> SaveAsync(SqlSession session, BucketMap map) =>
        session.ExecuteAsync("UPDATE bucket_map SET epoch = $1, shards = $2, shard_of = $3", map.Epoch, map.Shards, Bytes(map));

    private static async ValueTask<ReshardingState> StateAsync(SqlSession session) => (await session.ReadFirstAsync(
        "SELECT m.epoch, m.shards, m.shard_of, r.target, r.shards, r.moving, r.total, r.actor, r.started, r.finished FROM bucket_map m, resharding r",
        State))!;

    private static ReshardingState State(DbDataReader row) => new(
        Map(row.GetInt32(1), row.GetFieldValue<byte[]>(2), row.GetInt64(0)),
        row.IsDBNull(3) ? null : Map(row.GetInt32(4), row.GetFieldValue<byte[]>(3), row.GetInt64(0)),
        row.IsDBNull(5) ? null : BucketGroup.Parse(row.GetString(5)),
        row.IsDBNull(6) ? 0 : row.GetInt32(6), row.IsDBNull(7) ? null : row.GetString(7), Time(row, 8), Time(row, 9));

    private static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetInt64(column), TimeSpan.Zero);

    private static BucketMap Map(int shards, byte[] shardOf, long epoch) => new(shards, Array.ConvertAll(shardOf, shard => (int)shard), epoch);

    private static byte[] Bytes(BucketMap map) => [.. map.ShardOfBucket.Select(shard => (byte)shard)];
}
