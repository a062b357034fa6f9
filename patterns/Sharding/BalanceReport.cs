namespace Quayside.Sharding;

/// <summary>How evenly keys lie on shards.</summary>
/// <param name="Skew">The fullest shard over the average: 1 is perfect.</param>
public sealed record BalanceReport(IReadOnlyList<ShardLoad> Shards, double Skew)
{
    /// <param name="keysOfShard">Number of keys, indexed by shard.</param>
    public static BalanceReport Of(BucketMap map, IReadOnlyList<long> keysOfShard)
    {
        var buckets = map.ShardOfBucket.CountBy(shard => shard).ToDictionary();
        return new BalanceReport(
            [.. keysOfShard.Select((keys, shard) => new ShardLoad(shard, buckets.GetValueOrDefault(shard), keys))],
            SkewOf(keysOfShard));
    }

    public static double SkewOf(IReadOnlyList<long> keysOfShard) =>
        keysOfShard.Sum() is var total and > 0 ? keysOfShard.Max() * (double)keysOfShard.Count / total : 1;
}

/// <summary>One shard's share.</summary>
public sealed record ShardLoad(int Shard, int Buckets, long Keys);
