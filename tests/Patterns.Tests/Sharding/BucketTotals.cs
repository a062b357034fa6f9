using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Sharding;

namespace Quayside.Patterns.Tests.Sharding;

/// <summary>How many events each aggregate has, and its bucket.</summary>
internal sealed class BucketTotals : IProjection
{
    public string Name => "totals";

    public int Version => 1;

    public ValueTask CreateAsync(SqlSession session, string table) =>
        session.ScriptAsync($"CREATE TABLE {table} (id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, total BIGINT NOT NULL)");

    public async ValueTask ApplyAsync(SqlSession session, string table, IReadOnlyList<DomainEvent> events)
    {
        foreach (var happened in events)
        {
            await session.ExecuteAsync(
                $"INSERT INTO {table} VALUES ($1, $2, 1) ON CONFLICT (id) DO UPDATE SET total = {table}.total + 1", happened.AggregateId, Bucket.Of(happened.AggregateId));
        }
    }

    public async ValueTask RemoveAsync(SqlSession session, string table, IReadOnlyList<int> buckets)
    {
        foreach (var bucket in buckets)
            await session.ExecuteAsync($"DELETE FROM {table} WHERE bucket = $1", bucket);
    }

    /// <summary>Of the buckets that this shard shows.</summary>
    public static async Task<List<(string Id, long Total)>> ReadAsync(EventStore store) => await store.Database.ReadAsync(
        session => session.ReadAsync(
            "SELECT id, total FROM totals t WHERE EXISTS (SELECT 1 FROM buckets b WHERE b.bucket = t.bucket AND b.state BETWEEN 2 AND 4)",
            row => (row.GetString(0), row.GetInt64(1))),
        CancellationToken.None);
}
