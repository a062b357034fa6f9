using Quayside.EventSourcing;
using Quayside.EventSourcing.Buckets;
using Quayside.EventSourcing.Projections;

namespace Quayside.Sharding;

/// <summary>One shard, open.</summary>
/// <param name="Store">Opened with <see cref="Bucket.Of"/>.</param>
/// <param name="Views">Run by whoever opened it, for the life of the process.</param>
/// <param name="PublishedAsync">Up to where the shard's events have been published, by whichever process.</param>
public sealed record Shard(int Number, EventStore Store, ProjectionRunner Views, Func<CancellationToken, ValueTask<Cursor>> PublishedAsync)
{
    public BucketOwnership Buckets { get; } = Store.Buckets ?? throw new ArgumentException("The store of a shard is opened with Bucket.Of", nameof(Store));
}
