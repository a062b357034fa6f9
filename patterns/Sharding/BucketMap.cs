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

    /// <returns>The buckets of one shard, in order.</returns>
    public IEnumerable<int> BucketsOf(int shard) => Enumerable.Range(0, Bucket.Count).Where(bucket => _shardOf[bucket] == shard);

    /// <summary>
    /// The table over more shards: each old shard gives what it has over its equal share, the new ones take it, and nothing else moves. From an even
    /// table, or one that was grown from one, the shares differ by one bucket at most.
    /// </summary>
    /// <exception cref="ArgumentException">Fewer shards: their buckets would have to return to where they were.</exception>
    public BucketMap GrowTo(int shards)
    {
        if (shards < Shards)
            throw new ArgumentException($"A table of {Shards} shards does not shrink to {shards}", nameof(shards));
        var (share, larger) = (Bucket.Count / shards, Bucket.Count % shards);
        var table = _shardOf.ToArray();
        var given = new Queue<int>();
        for (var shard = 0; shard < Shards; shard++)
        {
            var buckets = BucketsOf(shard).ToList();
            var keeps = buckets.Count > share && larger > 0 ? share + 1 : share;
            if (keeps > share)
                larger--;
            foreach (var bucket in buckets.Skip(keeps))
                given.Enqueue(bucket);
        }
        for (var shard = Shards; shard < shards; shard++)
        {
            for (var taken = larger-- > 0 ? share + 1 : share; taken > 0 && given.TryDequeue(out var bucket); taken--)
                table[bucket] = shard;
        }
        return new BucketMap(shards, table, Epoch + 1);
    }

    /// <returns>The same table over a number of shards of which the last may have no bucket yet.</returns>
    public BucketMap Over(int shards) => new(shards, _shardOf, Epoch + 1);

    public BucketMap Move(IReadOnlyCollection<int> buckets, int to) =>
        new(Shards, [.. _shardOf.Select((shard, bucket) => buckets.Contains(bucket) ? to : shard)], Epoch + 1);
}
