using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Quayside.EventSourcing.Sqlite;

/// <summary>The events of one shard. The unique key on (aggregate, version) is what decides between two writers.</summary>
internal static class EventTable
{
    public const string Schema = """
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
        """;

    private const string Columns =
        "position, event_id, aggregate_id, event_type, schema_version, data, sealed, metadata, timestamp, version";

    public static AppendResult Append(SqliteSession session, Append append)
    {
        var head = Head(session, append.AggregateId);
        if (append.Metadata.CommandId is { } command && VersionOf(session, append.AggregateId, command) is { } done)
            return new AppendResult.AlreadyDone(done);
        if (head != append.ExpectedVersion)
            return new AppendResult.Conflict(head);
        var metadata = JsonSerializer.SerializeToUtf8Bytes(append.Metadata, EnvelopeJson.Default.EventMetadata);
        foreach (var added in append.Events)
            Insert(session, append, added, ++head, metadata);
        var position = append.Events.Count == 0 ? 0 : session.ReadLong("SELECT last_insert_rowid()")!.Value;
        return new AppendResult.Appended(head, new Cursor(0, position));
    }

    public static long Head(SqliteSession session, string aggregateId) =>
        session.ReadLong("SELECT max(version) FROM events WHERE aggregate_id = $1", aggregateId) ?? 0;

    public static Cursor Last(SqliteSession session) => new(0, session.ReadLong("SELECT max(position) FROM events") ?? 0);

    public static List<StoredEvent> Stream(SqliteSession session, string aggregateId, long afterVersion) => session.Read(
        $"SELECT {Columns} FROM events WHERE aggregate_id = $1 AND version > $2 ORDER BY version", Map, aggregateId, afterVersion);

    public static List<StoredEvent> After(SqliteSession session, Cursor cursor, int limit) => session.Read(
        $"SELECT {Columns} FROM events WHERE position > $1 ORDER BY position LIMIT $2", Map, cursor.Position, limit);

    private static long? VersionOf(SqliteSession session, string aggregateId, string commandId) => session.ReadLong(
        "SELECT max(version) FROM events WHERE aggregate_id = $1 AND command_id = $2", aggregateId, commandId);

    private static void Insert(SqliteSession session, Append append, NewEvent added, long version, byte[] metadata) => session.Execute(
        """
        INSERT INTO events (aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        append.AggregateId, version, Guid.CreateVersion7(append.Timestamp).ToByteArray(bigEndian: true), added.EventType,
        added.SchemaVersion, added.Data.ToArray(), added.Sealed.IsEmpty ? null : added.Sealed.ToArray(),
        append.Metadata.CommandId, metadata, append.Timestamp.UtcTicks);

    private static StoredEvent Map(SqliteDataReader row) => new(
        new Cursor(0, row.GetInt64(0)),
        new DomainEvent(
            new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true), row.GetString(2), row.GetString(3), row.GetInt32(4),
            row.GetFieldValue<byte[]>(5), JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(7), EnvelopeJson.Default.EventMetadata)!,
            new DateTimeOffset(row.GetInt64(8), TimeSpan.Zero), row.GetInt64(9))
        {
            Sealed = row.IsDBNull(6) ? default : row.GetFieldValue<byte[]>(6),
        });
}
