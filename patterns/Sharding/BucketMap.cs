namespace Quayside.Sharding;

/// <summary>The explicit table that gives every bucket to a shard. Adding a shard moves chosen buckets and nothing else.</summary>
public sealed class BucketMap
{
    private readonly int[] _shardOf;

    /// <param name="epoch">Grows with every change of the table.</param>
    /// <exception cref="ArgumentException">Not 1,024 entries, or a shard outside 0..<paramref name="shards"/>-1.</exception>
    public BucketMap(int shards, IReadOnlyList<int> shardOf, long epoch = 1)
    {
        if (shards < 1 || shardOf.Count != Bucket.Count || shardOf.Any(shard => shard < 0 || shard >= shards))
            throw new ArgumentException($"A bucket map names one of its {shards} shards for each of {Bucket.Count} buckets", nameof(shardOf));
        (Shards, _shardOf, Epoch) = (shards, [.. shardOf], epoch);
    }

    public int Shards { get; }

    public long Epoch { get; }

    public IReadOnlyList<int> ShardOfBucket => _shardOf;

    /// <summary>Neighbouring buckets in equal shares (they differ by one bucket at most).</summary>
    public static BucketMap Even(int shards) =>
        new(shards, [.. Enumerable.Range(0, Bucket.Count).Select(bucket => bucket * shards / Bucket.Count)]);

    public int ShardOf(string key) => _shardOf[Bucket.Of(key)];
}
