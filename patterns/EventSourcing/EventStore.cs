using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sqlite;

namespace Quayside.EventSourcing;

/// <summary>The event streams of one shard, in one SQLite file.</summary>
public sealed class EventStore : IAsyncDisposable
{
    private readonly Signal _appended = new();

    /// <param name="path">The file of this shard.</param>
    /// <param name="schema">More tables for the same file, created if missing: what must change in one transaction with events.</param>
    public EventStore(string path, string schema = "", Durability durability = Durability.Process) =>
        Database = new SqliteDatabase(path, EventTable.Schema + CheckpointTable.Schema + schema, durability);

    public SqliteDatabase Database { get; }

    /// <summary>Completes with the next append of this process. Take it before reading, await it when there was nothing to read.</summary>
    public Task NextAppend => _appended.Next;

    public async Task<AppendResult> AppendAsync(Append append, CancellationToken cancellationToken) =>
        await WriteAsync(transaction => transaction.Append(append), cancellationToken);

    /// <summary>Changes tables of this file and appends events in one transaction.</summary>
    public async Task<T> WriteAsync<T>(Func<EventTransaction, T> work, CancellationToken cancellationToken)
    {
        var appended = false;
        var result = await Database.WriteAsync(
            session =>
            {
                var transaction = new EventTransaction(session);
                var value = work(transaction);
                appended = transaction.HasAppended;
                return value;
            },
            cancellationToken);
        if (appended)
            _appended.Raise();
        return result;
    }

    /// <returns>The events of one aggregate in order of version; none if it does not exist.</returns>
    public ValueTask<IReadOnlyList<DomainEvent>> ReadStreamAsync(
        string aggregateId, CancellationToken cancellationToken, long afterVersion = 0)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var events = Database.Read(session => EventTable.Stream(session, aggregateId, afterVersion));
        return ValueTask.FromResult<IReadOnlyList<DomainEvent>>(events.ConvertAll(stored => stored.Event));
    }

    /// <returns>At most <paramref name="limit"/> events of all aggregates after <paramref name="cursor"/>, in commit order.</returns>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadAfterAsync(Cursor cursor, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredEvent>>(
            Database.Read(session => EventTable.After(session, cursor, limit)));
    }

    /// <returns>The cursor of the newest event.</returns>
    public ValueTask<Cursor> ReadLastAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Database.Read(EventTable.Last));
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

/// <summary>Inside one transaction of a shard.</summary>
public sealed class EventTransaction
{
    internal EventTransaction(SqliteSession session) => Session = session;

    public SqliteSession Session { get; }

    internal bool HasAppended { get; private set; }

    public AppendResult Append(Append append)
    {
        var result = EventTable.Append(Session, append);
        HasAppended |= result is AppendResult.Appended;
        return result;
    }
}
