namespace Quayside.EventSourcing.Buckets;

/// <summary>
/// What a shard may do with a bucket; one that it never had has no state. States only follow one another, because no bucket returns to a shard that it
/// left: so each step of a move may be repeated at any time, by anybody. The one way back, from frozen to owned, is fenced by an epoch.
/// </summary>
public enum BucketState
{
    /// <summary>Events are copied here, and projected; nobody reads them yet.</summary>
    Arriving = 1,
    Owned = 2,

    /// <summary>Read as before; nothing is appended.</summary>
    Frozen = 3,

    /// <summary>The new shard is decided. Lists still find the views here until the new shard shows them; one aggregate is read there.</summary>
    Leaving = 4,

    /// <summary>The events stay as the record of what was appended here, and of nothing else.</summary>
    Gone = 5,
}

/// <summary>The aggregate's bucket is not here, or not for now; nothing was written. Look again where it is.</summary>
public sealed class BucketMovedException(string aggregateId) : Exception($"{aggregateId} is on another shard, or on its way to it")
{
    public string AggregateId => aggregateId;
}

/// <summary>A moment of what a shard shows.</summary>
/// <param name="Version">Grows whenever a bucket begins or ceases to be shown here.</param>
/// <param name="Shards">How many there are, as far as this one was told.</param>
public readonly record struct OwnershipVersion(long Version, int Shards);
