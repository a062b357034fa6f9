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

    protected override string Transaction => "0";

    protected override string Order => "position";

    protected override string IsAfter => "$1 = 0 AND position > $2";

    protected override string IsUpTo => "$3 = 0 AND position <= $4";

    public override async ValueTask<AppendResult> AppendAsync(SqlSession session, Append append)
    {
        if (append.Metadata.CommandId is { } command && await VersionOfAsync(session, append.AggregateId, command) is { } done)
            return new AppendResult.AlreadyDone(done);
        var head = await session.ReadLongAsync("SELECT max(version) FROM events WHERE aggregate_id = $1", append.AggregateId) ?? 0;
        if (head != append.ExpectedVersion)
            return new AppendResult.Conflict(head);
        var metadata = Json(append.Metadata);
        long position = 0;
        foreach (var added in append.Events)
            position = await InsertAsync(session, append, added, ++head, metadata);
        return new AppendResult.Appended(head, new Cursor(0, position));
    }

    public override async ValueTask<Cursor> LastAsync(SqlSession session) => new(0, await session.ReadLongAsync("SELECT max(position) FROM events") ?? 0);

    public override ValueTask<Cursor> HorizonAsync(SqlSession session) => LastAsync(session);

    private static ValueTask<long?> VersionOfAsync(SqlSession session, string aggregateId, string commandId) => session.ReadLongAsync(
        "SELECT max(version) FROM events WHERE aggregate_id = $1 AND command_id = $2", aggregateId, commandId);

    private static async ValueTask<long> InsertAsync(SqlSession session, Append append, NewEvent added, long version, byte[] metadata) =>
        (await session.ReadLongAsync(
            """
            INSERT INTO events (aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING position
            """,
            append.AggregateId, version, NewId(append.Timestamp), added.EventType, added.SchemaVersion, added.Data.ToArray(),
            added.Sealed.IsEmpty ? null : added.Sealed.ToArray(), append.Metadata.CommandId, metadata, append.Timestamp.UtcTicks))!.Value;
}
