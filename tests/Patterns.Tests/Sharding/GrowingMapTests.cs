using FsCheck;
using FsCheck.Fluent;
using Quayside.Sharding;

namespace Quayside.Patterns.Tests.Sharding;

public sealed class GrowingMapTests
{
    [Fact]
    public void However_often_a_table_grows_shares_stay_equal_and_only_what_must_move_moves() => Prop.ForAll(
        Gen.Choose(1, 8).SelectMany(first => Gen.Choose(0, 9).ArrayOf(4).Select(steps => (First: first, Steps: steps))).ToArbitrary(),
        course =>
        {
            var map = BucketMap.Even(course.First);
            foreach (var step in course.Steps)
            {
                var grown = map.GrowTo(map.Shards + step);
                var shares = Enumerable.Range(0, grown.Shards).Select(shard => grown.BucketsOf(shard).Count()).ToList();
                Assert.InRange(shares.Max() - shares.Min(), 0, 1);
                var moved = Enumerable.Range(0, Bucket.Count).Where(bucket => map.ShardOfBucket[bucket] != grown.ShardOfBucket[bucket]).ToList();
                Assert.All(moved, bucket => Assert.True(grown.ShardOfBucket[bucket] >= map.Shards));
                // what the new shards have; fewer would leave them short
                Assert.Equal(shares.Skip(map.Shards).Sum(), moved.Count);
                Assert.InRange(moved.Count, 0, step * ((Bucket.Count / grown.Shards) + 1));
                map = grown;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void From_four_to_six_a_third_moves()
    {
        var (four, six) = (BucketMap.Even(4), BucketMap.Even(4).GrowTo(6));
        Assert.Equal(341, four.ShardOfBucket.Zip(six.ShardOfBucket).Count(pair => pair.First != pair.Second), 1.0);
        Assert.Equal(four.Epoch + 1, six.Epoch);
        Assert.Throws<ArgumentException>(() => six.GrowTo(5));
        var ids = Enumerable.Range(0, 20_000).Select(i => $"order-{i}").ToList();
        Assert.InRange(ids.Count(id => four.ShardOf(id) != six.ShardOf(id)) / (double)ids.Count, 0.32, 0.35);
    }
}
