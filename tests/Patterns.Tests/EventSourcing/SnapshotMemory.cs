using System.Collections.Concurrent;
using Quayside.EventSourcing.Snapshots;

namespace Quayside.Patterns.Tests.EventSourcing;

/// <summary>Snapshots in memory, which a test can lose, spoil and count.</summary>
internal sealed class SnapshotMemory : ISnapshotStore
{
    public ConcurrentDictionary<string, Snapshot> Kept { get; } = new();

    public List<long> Saved { get; } = [];

    public Exception? OnFind { get; set; }

    public Exception? OnSave { get; set; }

    public ValueTask<Snapshot?> FindAsync(string aggregateId, CancellationToken cancellationToken) =>
        OnFind is null ? ValueTask.FromResult(Kept.GetValueOrDefault(aggregateId)) : ValueTask.FromException<Snapshot?>(OnFind);

    public ValueTask SaveAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (OnSave is not null)
            return ValueTask.FromException(OnSave);
        Kept.AddOrUpdate(snapshot.AggregateId, snapshot, (_, kept) => kept.Version > snapshot.Version ? kept : snapshot);
        Saved.Add(snapshot.Version);
        return ValueTask.CompletedTask;
    }
}
