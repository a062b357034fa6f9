using System.Buffers;
using System.Text.Json;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>The tables of the embedded broker. Times are Unix milliseconds. Everything but the queries runs on the database's one writer.</summary>
internal static class EventStore
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS topic (id INTEGER PRIMARY KEY, component TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (component, name));
        CREATE TABLE IF NOT EXISTS event (offset INTEGER PRIMARY KEY, topic INTEGER NOT NULL, key TEXT, published INTEGER NOT NULL, expires INTEGER, metadata BLOB, data BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS event_of_topic ON event (topic, offset);
        CREATE TABLE IF NOT EXISTS consumer (id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, UNIQUE (topic, name));
        CREATE TABLE IF NOT EXISTS acknowledged (consumer INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (consumer, offset)) WITHOUT ROWID;
        """;

    /// <summary>The highest offset that was ever given away and could still be remembered by anyone.</summary>
    public static long LastOffset(SqliteConnection connection) => connection.Scalar<long>("""
        SELECT max(coalesce((SELECT max(offset) FROM event), 0), coalesce((SELECT max(position) FROM consumer), 0), coalesce((SELECT max(offset) FROM acknowledged), 0))
        """);

    public static List<long> Topics(SqliteConnection connection) => connection.Query("SELECT id FROM topic", row => row.GetInt64(0));

    public static long Topic(SqliteConnection connection, string component, string name)
    {
        connection.Execute("INSERT OR IGNORE INTO topic (component, name) VALUES ($1, $2)", component, name);
        return connection.Scalar<long>("SELECT id FROM topic WHERE component = $1 AND name = $2", component, name);
    }

    public static void Append(SqliteConnection connection, LogEntry entry, long topic, DateTimeOffset now) => connection.Execute(
        "INSERT INTO event (offset, topic, key, published, expires, metadata, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        entry.Offset, topic, entry.Key, now.ToUnixTimeMilliseconds(), entry.Expires?.ToUnixTimeMilliseconds(), Bytes(entry.Message.Metadata), Array(entry.Message.Data));

    /// <summary>A new consumer group begins in front of the first event that is kept.</summary>
    public static long Consumer(SqliteConnection connection, long topic, string name)
    {
        connection.Execute("INSERT OR IGNORE INTO consumer (topic, name, position) VALUES ($1, $2, 0)", topic, name);
        return connection.Scalar<long>("SELECT id FROM consumer WHERE topic = $1 AND name = $2", topic, name);
    }

    public static (long Position, HashSet<long> Above) Progress(SqliteConnection connection, long consumer) => (
        connection.Scalar<long>("SELECT position FROM consumer WHERE id = $1", consumer),
        [.. connection.Query("SELECT offset FROM acknowledged WHERE consumer = $1", row => row.GetInt64(0), consumer)]);

    public static void Save(SqliteConnection connection, GroupProgress progress)
    {
        connection.Execute("UPDATE consumer SET position = $2 WHERE id = $1 AND position < $2", progress.Consumer, progress.Position);
        if (progress.MayHaveRows)
            connection.Execute("DELETE FROM acknowledged WHERE consumer = $1 AND offset <= $2", progress.Consumer, progress.Position);
        foreach (var offset in progress.Above)
            connection.Execute("INSERT OR IGNORE INTO acknowledged (consumer, offset) VALUES ($1, $2)", progress.Consumer, offset);
    }

    public static List<LogEntry> Page(SqliteConnection connection, long topic, string name, long after, int count) => connection.Query(
        "SELECT offset, key, expires, metadata, data FROM event WHERE topic = $1 AND offset > $2 ORDER BY offset LIMIT $3",
        row => new LogEntry(
            row.GetInt64(0),
            row.IsDBNull(1) ? null : row.GetString(1),
            new BrokerMessage(name, row.GetFieldValue<byte[]>(4), row.IsDBNull(3) ? Subscription.NoMetadata : Metadata(row.GetFieldValue<byte[]>(3))),
            row.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))),
        topic, after, count);

    /// <summary>Everything up to this offset may go: what all groups have, when old or many, and what is too old or too many in any case.</summary>
    public static long TrimTo(SqliteConnection connection, long topic, DateTimeOffset now)
    {
        long Older(TimeSpan age, int count)
        {
            var young = connection.Scalar<long?>("SELECT offset FROM event WHERE topic = $1 AND published >= $2 ORDER BY offset LIMIT 1", topic, (now - age).ToUnixTimeMilliseconds());
            var many = connection.Scalar<long?>("SELECT offset FROM event WHERE topic = $1 ORDER BY offset DESC LIMIT 1 OFFSET $2", topic, count) ?? 0;
            return Math.Max(young - 1 ?? long.MaxValue, many);
        }

        var consumed = connection.Scalar<long?>("SELECT min(position) FROM consumer WHERE topic = $1", topic);
        var anyway = consumed is null ? Older(Retention.Age, Retention.ConsumedCount) : Older(Retention.Age, Retention.Count);
        return consumed is null ? anyway : Math.Max(anyway, Math.Min(consumed.Value, Older(Retention.ConsumedAge, Retention.ConsumedCount)));
    }

    public static int Trim(SqliteConnection connection, long topic, long upTo) => connection.Execute(
        "DELETE FROM event WHERE offset IN (SELECT offset FROM event WHERE topic = $1 AND offset <= $2 ORDER BY offset LIMIT $3)", topic, upTo, Retention.Chunk);

    private static byte[] Array(ReadOnlyMemory<byte> data) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : data.ToArray();

    private static byte[]? Bytes(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
            return null;
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var (name, value) in metadata)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static Dictionary<string, string> Metadata(byte[] json)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var name = reader.GetString()!;
            reader.Read();
            metadata[name] = reader.GetString()!;
        }
        return metadata;
    }
}
