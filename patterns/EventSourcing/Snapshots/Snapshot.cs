namespace Quayside.EventSourcing.Snapshots;

/// <summary>The state of an aggregate after one of its events, so that only later ones have to be folded. It may be lost at any time: the stream has it all.</summary>
/// <param name="Version">Of the last event in it.</param>
/// <param name="EventId">Of the same event: a stream that has another one there (an older store was restored) does not go on from here.</param>
/// <param name="SchemaVersion">Of the payload.</param>
/// <param name="Data">The state as the codec wrote it.</param>
public sealed record Snapshot(string AggregateId, long Version, Guid EventId, int SchemaVersion, ReadOnlyMemory<byte> Data);

/// <summary>The newest snapshot of each aggregate. It may fail, and forget.</summary>
public interface ISnapshotStore
{
    /// <returns>The snapshot saved last; null if there is none.</returns>
    ValueTask<Snapshot?> FindAsync(string aggregateId, CancellationToken cancellationToken);

    /// <summary>Takes the place of the aggregate's snapshot, if that is not newer.</summary>
    ValueTask SaveAsync(Snapshot snapshot, CancellationToken cancellationToken);
}
