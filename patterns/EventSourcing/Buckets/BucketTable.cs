using System.Globalization;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Buckets;

/// <summary>The buckets of one shard, in its own database, so that an append and what it depends on are one transaction.</summary>
internal static class BucketTable
{
    // An arrival is a run of events that were copied here and published elsewhere.
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS buckets (bucket INTEGER PRIMARY KEY, state INTEGER NOT NULL, epoch BIGINT NOT NULL);
        CREATE TABLE IF NOT EXISTS ownership (id INTEGER PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL, shards INTEGER NOT NULL);
        INSERT INTO ownership VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS arrivals (tx BIGINT NOT NULL, first_position BIGINT NOT NULL, last_position BIGINT NOT NULL, PRIMARY KEY (tx, last_position));
        """;

    public static async ValueTask<BucketState?> StateAsync(SqlSession session, int bucket) =>
        (BucketState?)await session.ReadLongAsync("SELECT state FROM buckets WHERE bucket = $1", bucket);

    public static ValueTask<List<int>> InStateAsync(SqlSession session, BucketState state) =>
        session.ReadAsync("SELECT bucket FROM buckets WHERE state = $1 ORDER BY bucket", row => row.GetInt32(0), (int)state);

    public static async ValueTask InsertAsync(SqlSession session, IEnumerable<int> buckets, BucketState state)
    {
        foreach (var bucket in buckets)
            await session.ExecuteAsync("INSERT INTO buckets VALUES ($1, $2, 0) ON CONFLICT DO NOTHING", bucket, (int)state);
    }

    /// <returns>How many were in the state before it; the others stay as they are.</returns>
    public static ValueTask<int> AdvanceAsync(SqlSession session, IEnumerable<int> buckets, BucketState to) =>
        session.ExecuteAsync($"UPDATE buckets SET state = $1 WHERE state = $2 AND bucket IN ({List(buckets)})", (int)to, (int)to - 1);

    public static ValueTask<int> FreezeAsync(SqlSession session, IEnumerable<int> buckets, long epoch) => session.ExecuteAsync(
        $"UPDATE buckets SET state = 3, epoch = $1 WHERE (state = 2 OR state = 3 AND epoch <= $1) AND bucket IN ({List(buckets)})", epoch);

    public static ValueTask<int> ThawAsync(SqlSession session, IEnumerable<int> buckets, long epoch) =>
        session.ExecuteAsync($"UPDATE buckets SET state = 2 WHERE state = 3 AND epoch <= $1 AND bucket IN ({List(buckets)})", epoch);

    public static ValueTask<int> ChangeAsync(SqlSession session) => session.ExecuteAsync("UPDATE ownership SET version = version + 1");

    private static string List(IEnumerable<int> buckets) => string.Join(',', buckets.Select(bucket => bucket.ToString(CultureInfo.InvariantCulture)));
}
