using Quayside.Sharding;

namespace Quayside.Patterns.Tests.Sharding;

public sealed class ShardingTests
{
    // Computed by an independent implementation in Python.
    [Theory]
    [InlineData("", 0xefd01f60ba992926, 294)]
    [InlineData("a", 0x82a2a958a9bece5b, 603)]
    [InlineData("order-1", 0x491b422e3af0d9a5, 421)]
    [InlineData("Zürich", 0x24b22821293c05d0, 464)]
    [InlineData("6f927a2e-9c7e-4a1d-9b8d-7a86f2e7f62f", 0xc41e2c58978fa8ed, 237)]
    public void A_key_has_the_same_bucket_in_every_process_and_language(string key, ulong hash, int bucket)
    {
        Assert.Equal(hash, Bucket.Hash(key));
        Assert.Equal(bucket, Bucket.Of(key));
    }

    [Fact]
    public void Long_keys_hash_like_short_ones() => Assert.Equal(0x27c232bef26106baUL, Bucket.Hash(new string('x', 1000)));

    [Theory]
    [InlineData("order-1", 4, 2)]
    [InlineData("hello world", 4, 0)]
    [InlineData("user-42", 7, 5)]
    public void The_textbook_baseline_gives_what_the_textbook_gives(string key, int shards, int shard) =>
        Assert.Equal(shard, ModuloSharding.ShardOf(key, shards));

    [Fact]
    public void Random_and_sequential_ids_spread_within_three_percent()
    {
        var map = BucketMap.Even(4);
        Assert.InRange(BalanceReport.SkewOf(Count(map.ShardOf, i => Uuid(i))), 1, 1.03);
        Assert.InRange(BalanceReport.SkewOf(Count(map.ShardOf, i => $"order-{i}")), 1, 1.03);
    }

    [Fact]
    public void The_baseline_piles_up_ids_that_share_a_pattern_and_the_buckets_do_not()
    {
        // ids ending in a two-character suffix of a multiple of four: 31 is odd, so modulo 4 sees little else
        static string Key(int i) => $"{(char)('a' + (4 * (i % 6)))}{(char)('a' + (4 * (i / 6 % 6)))}{new string('d', 4 * (i / 36))}";
        Assert.True(BalanceReport.SkewOf(Count(key => ModuloSharding.ShardOf(key, 4), Key, 1800)) > 1.5);
        Assert.True(BalanceReport.SkewOf(Count(BucketMap.Even(4).ShardOf, Key, 1800)) < 1.2);
    }

    [Fact]
    public void Adding_a_shard_by_table_moves_a_fifth_and_by_modulo_most()
    {
        var four = BucketMap.Even(4);
        var table = four.ShardOfBucket.ToArray();
        for (var bucket = 0; bucket < Bucket.Count; bucket += 5)
            table[bucket] = 4;
        var five = new BucketMap(5, table, four.Epoch + 1);
        var keys = Enumerable.Range(0, 10_000).Select(Uuid).ToList();
        Assert.InRange(keys.Count(key => four.ShardOf(key) != five.ShardOf(key)), 1_800, 2_200);
        Assert.True(keys.Count(key => ModuloSharding.ShardOf(key, 4) != ModuloSharding.ShardOf(key, 5)) > 7_000);
    }

    [Fact]
    public void A_table_with_a_hole_or_an_unknown_shard_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new BucketMap(2, new int[Bucket.Count - 1]));
        Assert.Throws<ArgumentException>(() => new BucketMap(2, [.. Enumerable.Repeat(2, Bucket.Count)]));
    }

    [Fact]
    public void The_report_counts_buckets_and_keys_of_each_shard()
    {
        var report = BalanceReport.Of(BucketMap.Even(3), [10, 20, 30]);
        Assert.Equal([342, 341, 341], report.Shards.Select(shard => shard.Buckets));
        Assert.Equal(1.5, report.Skew);
    }

    private static long[] Count(Func<string, int> shardOf, Func<int, string> key, int keys = 40_000)
    {
        var counts = new long[4];
        for (var i = 0; i < keys; i++)
            counts[shardOf(key(i))]++;
        return counts;
    }

    private static string Uuid(int i)
    {
        var bytes = new byte[16];
        new Random(i).NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
