using Quayside.EventSourcing.Sqlite;

namespace Quayside.EventSourcing.Projections;

/// <summary>Keeps one projection of one shard up to date. View and checkpoint change in one transaction.</summary>
public sealed class ProjectionRunner(EventStore store, IProjection projection, TimeProvider time)
{
    /// <summary>Events a transaction: large enough to be quick, small enough not to hold up the commands that share the writer.</summary>
    private const int Batch = 200;

    /// <summary>Another process that appends to the same file cannot raise our signal.</summary>
    private static readonly TimeSpan OtherWriters = TimeSpan.FromSeconds(2);

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
                await next.WaitAsync(OtherWriters, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await hurry.WaitAsync(Gathering, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Creates the view, or builds it anew when its version has changed.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var known = store.Database.Read(session => CheckpointTable.Find(session, projection.Name));
        if (known?.Version == projection.Version)
            Cursor = known.Cursor;
        else
            await RebuildAsync(cancellationToken);
    }

    /// <summary>Builds a second table from the first event on, then puts it in the place of the old one, which serves until then.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var table = $"{projection.Name}_{Guid.NewGuid():N}";
        var cursor = Cursor.Start;
        await store.Database.WriteAsync(session => { projection.Create(session, table); return 0; }, cancellationToken);
        while (await store.ReadAfterAsync(cursor, Batch, cancellationToken) is { Count: Batch } events)
        {
            await store.Database.WriteAsync(session => { Apply(session, table, events); return 0; }, cancellationToken);
            cursor = events[^1].Cursor;
        }
        Cursor = await store.Database.WriteAsync(session => Replace(session, table, cursor), cancellationToken);
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

    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var events = await store.ReadAfterAsync(Cursor, Batch, cancellationToken);
        if (events.Count == 0)
            return false;
        var (from, to) = (Cursor, events[^1].Cursor);
        Cursor = await store.Database.WriteAsync(
            session =>
            {
                if (!CheckpointTable.TryMove(session, projection.Name, from, to))
                    return CheckpointTable.Find(session, projection.Name)?.Cursor ?? Cursor.Start;
                Apply(session, projection.Name, events);
                return to;
            },
            cancellationToken);
        _moved.Raise();
        return true;
    }

    private Cursor Replace(SqliteSession session, string table, Cursor cursor)
    {
        while (EventTable.After(session, cursor, Batch) is { Count: > 0 } rest)
        {
            Apply(session, table, rest);
            cursor = rest[^1].Cursor;
        }
        session.Script($"DROP TABLE IF EXISTS {projection.Name}; ALTER TABLE {table} RENAME TO {projection.Name};");
        CheckpointTable.Set(session, projection.Name, new Checkpoint(projection.Version, cursor));
        return cursor;
    }

    private void Apply(SqliteSession session, string table, IReadOnlyList<StoredEvent> events) =>
        projection.Apply(session, table, [.. events.Select(stored => stored.Event)]);
}
