using Quayside.EventSourcing.Sql;
using Quayside.Sharding;

namespace Quayside.Orders.Storage;

/// <summary>The table of buckets as every replica reads it at its start. A later change of the configured number of shards moves no order by accident.</summary>
internal static class BucketMapTable
{
    public const string Schema =
        "CREATE TABLE IF NOT EXISTS bucket_map (id INTEGER PRIMARY KEY CHECK (id = 1), epoch BIGINT NOT NULL, shards INTEGER NOT NULL, shard_of BYTEA NOT NULL);";

    public static async ValueTask<BucketMap> LoadOrCreateAsync(SqlSession session, BucketMap first)
    {
        await session.ExecuteAsync(
            "INSERT INTO bucket_map VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING", first.Epoch, first.Shards, first.ShardOfBucket.Select(shard => (byte)shard).ToArray());
        return (await session.ReadFirstAsync(
            "SELECT epoch, shards, shard_of FROM bucket_map",
            row => new BucketMap(row.GetInt32(1), Array.ConvertAll(row.GetFieldValue<byte[]>(2), shard => (int)shard), row.GetInt64(0))))!;
    }
}
