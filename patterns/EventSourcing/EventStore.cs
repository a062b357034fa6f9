using Quayside.EventSourcing.Buckets;
using Quayside.EventSourcing.Postgres;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.EventSourcing.Sqlite;

namespace Quayside.EventSourcing;

/// <summary>The event streams of one shard, in one database.</summary>
public sealed class EventStore : IAsyncDisposable
{
    /// <summary>Another process that appends raises no signal here unless <see cref="WatchAsync"/> runs, and what it says may be lost.</summary>
    private static readonly TimeSpan OtherWriters = TimeSpan.FromSeconds(2);

    /// <summary>No signal tells that a transaction, perhaps of another schema, has ended.</summary>
    private static readonly TimeSpan OpenTransaction = TimeSpan.FromMilliseconds(20);

    private readonly Signal _appended = new();
    private readonly EventTable _events;

    /// <param name="address">The database of this shard.</param>
    /// <param name="schema">More tables for the same database, created if missing: what must change in one transaction with events.</param>
    /// <param name="bucketOf">For a shard whose aggregates may move to another by buckets: each append and each read of an aggregate asks whether its bucket
    /// is here. Without it all of them are, and nothing is asked.</param>
    public EventStore(DatabaseAddress address, string schema = "", Func<string, int>? bucketOf = null)
        : this(address, schema, bucketOf, database => database)
    {
    }

    /// <param name="around">Comes between the store and its database, where a test wants to see or stop what passes.</param>
    internal EventStore(DatabaseAddress address, string schema, Func<string, int>? bucketOf, Func<SqlDatabase, SqlDatabase> around)
    {
        _events = address is DatabaseAddress.Postgres ? new PostgresEventTable { BucketOf = bucketOf } : new SqliteEventTable { BucketOf = bucketOf };
        Database = around(address.Open(_events.Schema + CheckpointTable.Schema + (bucketOf is null ? "" : BucketTable.Schema) + schema));
        Buckets = bucketOf is null ? null : new BucketOwnership(Database, _events, Tell);
    }

    /// <summary>Null for a store that owns everything.</summary>
    public BucketOwnership? Buckets { get; }

    public SqlDatabase Database { get; }

    /// <summary>
    /// Completes with the next append: of this process at once, of another one if <see cref="WatchAsync"/> runs. Take it before reading, await it when
    /// there was nothing to read.
    /// </summary>
    public Task NextAppend => _appended.Next;

    public async Task<AppendResult> AppendAsync(Append append, CancellationToken cancellationToken)
    {
        var result = await Database.WriteOneAsync(session => _events.AppendAsync(session, append), cancellationToken);
        if (result is AppendResult.Appended)
            Tell();
        return result;
    }

    /// <summary>Changes tables of this database and appends events of one aggregate in one transaction.</summary>
    /// <remarks><see cref="SqlDatabase.WriteAsync{T}"/> says what the work may await.</remarks>
    public async Task<T> WriteAsync<T>(string aggregateId, Func<EventTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var appended = false;
        var result = await Database.WriteAsync(
            async session =>
            {
                // before anything is written: the global order must be that of the versions. The bucket is locked first, as an append does it.
                if (_events.BucketOf is { } bucketOf)
                    await _events.LockBucketAsync(session, bucketOf(aggregateId), shared: true);
                await session.LockAsync(aggregateId);
                var transaction = new EventTransaction(session, _events, aggregateId);
                var value = await work(transaction);
                appended = transaction.HasAppended;
                return value;
            },
            cancellationToken);
        if (appended)
            Tell();
        return result;
    }

    /// <returns>The events of one aggregate in order of version; none if it does not exist.</returns>
    /// <exception cref="BucketMovedException">They may have grown on another shard.</exception>
    public async ValueTask<IReadOnlyList<DomainEvent>> ReadStreamAsync(string aggregateId, CancellationToken cancellationToken, long afterVersion = 0) =>
        await ReadHereAsync(aggregateId, session => EventTable.StreamAsync(session, aggregateId, afterVersion), cancellationToken);

    /// <returns>The version of one aggregate; 0 if it does not exist.</returns>
    /// <exception cref="BucketMovedException">It may be newer on another shard.</exception>
    public async ValueTask<long> ReadVersionAsync(string aggregateId, CancellationToken cancellationToken) =>
        await ReadHereAsync(aggregateId, session => EventTable.VersionOfAsync(session, aggregateId), cancellationToken) ?? 0;

    /// <returns>Whether the command has appended events to the aggregate.</returns>
    public async ValueTask<bool> HasCommandAsync(string aggregateId, string commandId, CancellationToken cancellationToken) =>
        await ReadHereAsync(aggregateId, session => EventTable.VersionOfAsync(session, aggregateId, commandId), cancellationToken) is not null;

    /// <summary>Reads what belongs to one aggregate.</summary>
    /// <exception cref="BucketMovedException">It may be newer on another shard.</exception>
    public ValueTask<T> ReadHereAsync<T>(string aggregateId, Func<SqlSession, ValueTask<T>> read, CancellationToken cancellationToken) => Database.ReadAsync(
        async session =>
        {
            var found = await read(session);
            // after the reading: while the bucket is still here, nobody has appended elsewhere to what was read
            if (_events.BucketOf is { } bucketOf && await BucketTable.StateAsync(session, bucketOf(aggregateId)) is not (BucketState.Owned or BucketState.Frozen))
                throw new BucketMovedException(aggregateId);
            return found;
        },
        cancellationToken);

    /// <returns>At most <paramref name="limit"/> events of all aggregates after <paramref name="cursor"/>, in the global order.</returns>
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadAfterAsync(Cursor cursor, int limit, CancellationToken cancellationToken) =>
        await Database.ReadAsync(session => _events.AfterAsync(session, cursor, limit), cancellationToken);

    /// <summary>The next events of some types after <paramref name="cursor"/>, without those that arrived from other shards: over all shards, each event is told once.</summary>
    public async ValueTask<EventPage> ReadPageAsync(Cursor cursor, int limit, IReadOnlyList<string> types, CancellationToken cancellationToken) =>
        await Database.ReadAsync(
            async session =>
            {
                var horizon = await _events.HorizonAsync(session);
                var events = await _events.BetweenAsync(session, cursor, horizon, limit, types);
                return new EventPage(events, events.Count == limit ? events[^1].Cursor : cursor > horizon ? cursor : horizon, events.Count == limit);
            },
            cancellationToken);

    /// <returns>The cursor of the newest event that was committed.</returns>
    public async ValueTask<Cursor> ReadLastAsync(CancellationToken cancellationToken) => await Database.ReadAsync(_events.LastAsync, cancellationToken);

    /// <returns>A cursor that every event to come will be after; some that were committed already may be after it too.</returns>
    public async ValueTask<Cursor> ReadHorizonAsync(CancellationToken cancellationToken) => await Database.ReadAsync(_events.HorizonAsync, cancellationToken);

    /// <summary>To be awaited when there was nothing to read after a cursor.</summary>
    /// <param name="nextAppend"><see cref="NextAppend"/>, taken before that reading.</param>
    public async Task WaitForMoreAsync(Task nextAppend, Cursor after, TimeProvider time, CancellationToken cancellationToken)
    {
        // what was committed already, and is hidden by an older transaction that is open, shows itself without another append
        var isHidden = _events.MayHide && await ReadLastAsync(cancellationToken) > after;
        await nextAppend.WaitAsync(isHidden ? OpenTransaction : OtherWriters, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Raises <see cref="NextAppend"/> for what other processes append, soon after it. Runs until cancelled.</summary>
    public Task WatchAsync(CancellationToken cancellationToken) => Database.WatchAsync(_appended.Raise, cancellationToken);

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    internal EventTable Events => _events;

    /// <summary>Raises <see cref="NextAppend"/>, here and in other processes, though nothing was appended: what a reader looked for may have been hidden from
    /// him by a transaction that was open then.</summary>
    public void Tell()
    {
        _appended.Raise();
        Database.Announce();
    }
}

/// <param name="End">Where to go on.</param>
/// <param name="IsFull">Whether there may be more.</param>
public sealed record EventPage(IReadOnlyList<StoredEvent> Events, Cursor End, bool IsFull);

/// <summary>Inside one transaction of a shard.</summary>
public sealed class EventTransaction
{
    private readonly EventTable _events;
    private readonly string _aggregateId;

    internal EventTransaction(SqlSession session, EventTable events, string aggregateId) => (Session, _events, _aggregateId) = (session, events, aggregateId);

    public SqlSession Session { get; }

    internal bool HasAppended { get; private set; }

    /// <exception cref="ArgumentException">Another aggregate than the one that the transaction was opened for.</exception>
    public async ValueTask<AppendResult> AppendAsync(Append append)
    {
        if (append.AggregateId != _aggregateId)
            throw new ArgumentException($"The transaction is for {_aggregateId}, not {append.AggregateId}", nameof(append));
        var result = await _events.AppendAsync(Session, append);
        HasAppended |= result is AppendResult.Appended;
        return result;
    }

    /// <summary>
    /// Overwrites the payload of the aggregate's events of one type: the only way to take back what should never have been kept in the clear. For events that
    /// nobody folds; where streams are the state, seal what must be forgotten. What was published is not called back.
    /// </summary>
    public ValueTask<int> RedactAsync(NewEvent replacement) => EventTable.RedactAsync(Session, _aggregateId, replacement);
}
