namespace Quayside.Sharding.Resharding;

/// <summary>The table of buckets and what becomes of it.</summary>
/// <param name="Target">The table that is on its way, or the last one that was.</param>
/// <param name="Moving">The group that is on its way from shard to shard.</param>
/// <param name="Total">Buckets to move in all.</param>
public sealed record ReshardingState(
    BucketMap Map, BucketMap? Target, BucketGroup? Moving, int Total, string? Actor, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    public bool IsRunning => Target is not null && FinishedAt is null;

    public int Left => Target is null ? 0 : Enumerable.Range(0, Bucket.Count).Count(bucket => Map.ShardOfBucket[bucket] != Target.ShardOfBucket[bucket]);
}

/// <summary>How asking for more shards ended.</summary>
public enum ReshardingRequest
{
    /// <summary>It was begun, now or by the same request before, or there are so many already.</summary>
    Accepted = 1,

    /// <summary>Shards are only added.</summary>
    Fewer,

    /// <summary>Another resharding is running.</summary>
    Busy,

    /// <summary>The key was used for another number.</summary>
    KeyReused,
}

/// <summary>Another mover has taken over; what this one was about to do did not happen.</summary>
internal sealed class MoverReplacedException() : Exception("Another mover has taken over");
