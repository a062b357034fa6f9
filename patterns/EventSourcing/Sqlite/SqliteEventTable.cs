using Quayside.EventSourcing.Buckets;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Sqlite;

/// <summary>One writer at a time commits in order of position, so the position alone is the global order.</summary>
internal sealed class SqliteEventTable : EventTable
{
    public override string Schema => """
        CREATE TABLE IF NOT EXISTS events (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            aggregate_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            event_id BLOB NOT NULL,
            event_type TEXT NOT NULL,
            schema_version INTEGER NOT NULL,
            data BLOB NOT NULL,
            sealed BLOB,
            command_id TEXT,
            metadata BLOB NOT NULL,
            timestamp INTEGER NOT NULL,
            UNIQUE (aggregate_id, version));
        CREATE INDEX IF NOT EXISTS events_by_command ON events (aggregate_id, command_id) WHERE command_id IS NOT NULL;
        """;

    private const string Insert = """
        INSERT INTO events (aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    protected override string Transaction => "0";

    protected override string Order => "position";

    protected override string IsAfter => "$1 = 0 AND position > $2";

    protected override string IsUpTo => "$3 = 0 AND position <= $4";

    public override async ValueTask<AppendResult> AppendAsync(SqlSession session, Append append)
    {
        if (BucketOf is not null && await BucketTable.StateAsync(session, BucketOf(append.AggregateId)) is not BucketState.Owned)
            return new AppendResult.Moved();
        if (append.Metadata.CommandId is { } command && await VersionOfAsync(session, append.AggregateId, command) is { } done)
            return new AppendResult.AlreadyDone(done);
        var head = await VersionOfAsync(session, append.AggregateId) ?? 0;
        if (head != append.ExpectedVersion)
            return new AppendResult.Conflict(head);
        var metadata = Json(append.Metadata);
        long position = 0;
        foreach (var added in append.Events)
        {
            position = (await session.ReadLongAsync(
                Insert + " RETURNING position", append.AggregateId, ++head, NewId(append.Timestamp), added.EventType, added.SchemaVersion, added.Data.ToArray(),
                Sealed(added.Sealed), append.Metadata.CommandId, metadata, append.Timestamp.UtcTicks))!.Value;
        }
        return new AppendResult.Appended(head, new Cursor(0, position));
    }

    public override async ValueTask<Cursor> LastAsync(SqlSession session) => new(0, await session.ReadLongAsync("SELECT max(position) FROM events") ?? 0);

    public override ValueTask<Cursor> HorizonAsync(SqlSession session) => LastAsync(session);

    public override async ValueTask<(long Transaction, long First, long Last)?> ImportAsync(SqlSession session, IReadOnlyList<DomainEvent> events)
    {
        (long, long, long)? run = null;
        foreach (var e in events)
        {
            var position = await session.ReadLongAsync(
                Insert + " ON CONFLICT (aggregate_id, version) DO NOTHING RETURNING position", e.AggregateId, e.Version, Bytes(e.EventId), e.EventType, e.SchemaVersion, e.Data.ToArray(), Sealed(e.Sealed), e.Metadata.CommandId,
                Json(e.Metadata), e.Timestamp.UtcTicks);
            if (position is { } here)
                run = (0, run?.Item2 ?? here, here);
        }
        return run;
    }

    /// <summary>There is one writer at a time.</summary>
    public override ValueTask LockBucketAsync(SqlSession session, int bucket, bool shared) => ValueTask.CompletedTask;
}
