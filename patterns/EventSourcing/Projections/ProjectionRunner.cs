using Quayside.EventSourcing.Buckets;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Projections;

/// <summary>Keeps one projection of one shard up to date. View and checkpoint change in one transaction.</summary>
public sealed class ProjectionRunner(EventStore store, IProjection projection, TimeProvider time)
{
    /// <summary>Events a transaction: large enough to be quick, small enough not to hold up the commands that share the writer.</summary>
    private const int Batch = 200;

    /// <summary>Larger: a rebuild has many to go through, and nobody waits for one of them.</summary>
    private const int RebuildBatch = 2_000;

    /// <summary>Views may be a moment behind (who must not read an old one reads the stream), and a batch costs what one event costs.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly Signal _moved = new();
    private readonly Signal _hurry = new();

    /// <summary>The events that the view contains so far.</summary>
    public Cursor Cursor { get; private set; }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        while (true)
        {
            var (next, hurry) = (store.NextAppend, _hurry.Next);
            if (!await StepAsync(cancellationToken))
                await store.WaitForMoreAsync(next, Cursor, time, cancellationToken);
            await hurry.WaitAsync(Gathering, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Creates the view, or builds it anew when its version has changed.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var known = await store.Database.ReadAsync(session => CheckpointTable.FindAsync(session, projection.Name), cancellationToken);
        if (known?.Version == projection.Version)
            Cursor = known.Cursor;
        else
            await RebuildAsync(cancellationToken);
    }

    /// <summary>
    /// Builds a second table from the first event on, then puts it in the place of the old one, which serves until then. Events are read aggregate by
    /// aggregate, so each view is folded in memory and saved once.
    /// </summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var table = $"{projection.Name}_{Guid.NewGuid():N}";
        var horizon = await store.Database.ReadAsync(store.Events.HorizonAsync, cancellationToken);
        await store.Database.WriteAsync(session => projection.CreateAsync(session, table), cancellationToken);
        for (DomainEvent? last = null; await ReadByAggregateAsync(last, horizon, cancellationToken) is { Count: > 0 } events; last = events[^1].Event)
            await store.Database.WriteAsync(session => ApplyAsync(session, table, events), cancellationToken);
        Cursor = await store.Database.WriteAsync(session => ReplaceAsync(session, table, horizon), cancellationToken);
        _moved.Raise();
    }

    /// <summary>Completes when everything appended before the call is in the view.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var last = await store.ReadLastAsync(cancellationToken);
        while (true)
        {
            var moved = _moved.Next;
            if (Cursor >= last)
                return;
            _hurry.Raise();
            await moved.WaitAsync(cancellationToken);
        }
    }

    // The name is locked, so that a table built anew is either cleaned here or, seeing the buckets gone, cleans itself.
    internal async ValueTask RemoveAsync(SqlSession session, IReadOnlyList<int> buckets)
    {
        await session.LockAsync(projection.Name);
        await projection.RemoveAsync(session, projection.Name, buckets);
    }

    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var events = await store.ReadAfterAsync(Cursor, Batch, cancellationToken);
        if (events.Count == 0)
            return false;
        var (from, to) = (Cursor, events[^1].Cursor);
        Cursor = await store.Database.WriteAsync(
            async session =>
            {
                if (!await CheckpointTable.TryMoveAsync(session, projection.Name, from, to))
                    return (await CheckpointTable.FindAsync(session, projection.Name))?.Cursor ?? Cursor.Start;
                await ApplyAsync(session, projection.Name, events);
                return to;
            },
            cancellationToken);
        _moved.Raise();
        return true;
    }

    private async ValueTask<List<StoredEvent>> ReadByAggregateAsync(DomainEvent? after, Cursor upTo, CancellationToken cancellationToken) =>
        await store.Database.ReadAsync(
            session => store.Events.ByAggregateAsync(session, after?.AggregateId ?? "", after?.Version ?? 0, upTo, RebuildBatch), cancellationToken);

    private async ValueTask<Cursor> ReplaceAsync(SqlSession session, string table, Cursor cursor)
    {
        // No other runner moves the old table from here on, and none has its old place afterwards.
        await session.LockAsync(projection.Name);
        await CheckpointTable.SetAsync(session, projection.Name, new Checkpoint(projection.Version, cursor));
        while (await store.Events.AfterAsync(session, cursor, Batch) is { Count: > 0 } rest)
        {
            await ApplyAsync(session, table, rest);
            cursor = rest[^1].Cursor;
        }
        if (store.Buckets is not null)
            await projection.RemoveAsync(session, table, await BucketTable.InStateAsync(session, BucketState.Gone));
        await session.ScriptAsync($"DROP TABLE IF EXISTS {projection.Name}; ALTER TABLE {table} RENAME TO {projection.Name};");
        await CheckpointTable.SetAsync(session, projection.Name, new Checkpoint(projection.Version, cursor));
        return cursor;
    }

    private ValueTask ApplyAsync(SqlSession session, string table, IReadOnlyList<StoredEvent> events) =>
        projection.ApplyAsync(session, table, [.. events.Select(stored => stored.Event)]);
}
