using System.Globalization;

namespace Quayside.Sharding.Resharding;

/// <summary>Buckets that move together from one shard to another: few, so that they are frozen for a moment only.</summary>
public sealed record BucketGroup(int From, int To, IReadOnlyList<int> Buckets)
{
    /// <returns>The next of those that the target has elsewhere; null if there are none.</returns>
    public static BucketGroup? Next(BucketMap map, BucketMap target, int size)
    {
        var moves = Enumerable.Range(0, Bucket.Count)
            .Select(bucket => (Bucket: bucket, From: map.ShardOfBucket[bucket], To: target.ShardOfBucket[bucket]))
            .Where(move => move.From != move.To).ToList();
        return moves.Count == 0
            ? null
            : new(moves[0].From, moves[0].To, [.. moves.Where(move => (move.From, move.To) == (moves[0].From, moves[0].To)).Take(size).Select(move => move.Bucket)]);
    }

    public bool HasMovedIn(BucketMap map) => Buckets.All(bucket => map.ShardOfBucket[bucket] == To);

    internal string Format() => string.Create(CultureInfo.InvariantCulture, $"{From},{To},{string.Join(',', Buckets)}");

    internal static BucketGroup Parse(string text)
    {
        var numbers = text.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToList();
        return new(numbers[0], numbers[1], numbers[2..]);
    }
}
