using Quayside.EventSourcing;

namespace Quayside.Sharding.Resharding;

/// <summary>Goes once through the events of a shard, as far as there are any, and takes note of those of some buckets.</summary>
internal sealed class ShardScan(EventStore store, Func<int, bool> isWanted)
{
    private const int Batch = 500;
    private Cursor _cursor = Cursor.Start;

    public BucketDigests Digests { get; } = new();

    /// <summary>Goes on until there is nothing new.</summary>
    /// <param name="found">Given the wanted events, in order, before they are counted.</param>
    /// <param name="cancellationToken">Ends the call between two batches.</param>
    public async Task ReadOnAsync(Func<IReadOnlyList<DomainEvent>, Task> found, CancellationToken cancellationToken)
    {
        while (await store.ReadAfterAsync(_cursor, Batch, cancellationToken) is { Count: > 0 } events)
        {
            var wanted = events.Select(stored => stored.Event).Where(stored => isWanted(Bucket.Of(stored.AggregateId))).ToList();
            await found(wanted);
            foreach (var stored in wanted)
                Digests.Add(Bucket.Of(stored.AggregateId), stored);
            _cursor = events[^1].Cursor;
        }
    }

    public bool HasRead(Cursor last) => _cursor >= last;
}
