using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>A row of instance.</summary>
internal sealed record InstanceRow(
    long Key,
    string App,
    string Id,
    long Generation,
    OrchestrationStatus Status,
    string? Name,
    long? Created,
    long? Started,
    long? Updated,
    string? CustomStatus,
    ParentRef? Parent,
    long? StartAt,
    long? Expires,
    byte[]? Stalled);

/// <summary>The engine's queries: all that is committed.</summary>
internal static class WorkflowReads
{
    private const string Columns = "key, app, id, generation, status, name, created, started, updated, custom_status, parent_key, parent_app, parent_id, start_at, expires, stalled";

    public static InstanceRow? FindInstance(this SqliteConnection connection, string app, string id) =>
        connection.Query($"SELECT {Columns} FROM instance WHERE app = $1 AND id = $2", ReadRow, app, id).FirstOrDefault();

    public static InstanceRow? FindInstance(this SqliteConnection connection, long key) =>
        connection.Query($"SELECT {Columns} FROM instance WHERE key = $1", ReadRow, key).FirstOrDefault();

    public static List<InstanceRow> Children(this SqliteConnection connection, long key) =>
        connection.Query($"SELECT {Columns} FROM instance WHERE parent_key = $1", ReadRow, key);

    public static List<InstanceRow> Created(this SqliteConnection connection, string app, long from, long to) =>
        connection.Query($"SELECT {Columns} FROM instance WHERE app = $1 AND created >= $2 AND created < $3", ReadRow, app, from, to);

    public static List<(long Key, string Id)> List(this SqliteConnection connection, string app, long after, long count) =>
        connection.Query("SELECT key, id FROM instance WHERE app = $1 AND key > $2 ORDER BY key LIMIT $3", r => (r.GetInt64(0), r.GetString(1)), app, after, count);

    public static List<byte[]> History(this SqliteConnection connection, long key) =>
        connection.Query("SELECT events FROM history WHERE key = $1 ORDER BY chunk", r => r.GetFieldValue<byte[]>(0), key);

    /// <summary>The first and the last chunk of a history: they hold the input and the output.</summary>
    public static (byte[]? First, byte[]? Last) HistoryEnds(this SqliteConnection connection, long key) => (
        connection.Scalar<byte[]>("SELECT events FROM history WHERE key = $1 ORDER BY chunk LIMIT 1", key),
        connection.Scalar<byte[]>("SELECT events FROM history WHERE key = $1 ORDER BY chunk DESC LIMIT 1", key));

    public static long LastChunk(this SqliteConnection connection, long key) =>
        connection.Scalar<object>("SELECT max(chunk) FROM history WHERE key = $1", key) is long last ? last : -1;

    public static List<(long Seq, byte[] Event)> Inbox(this SqliteConnection connection, long key) =>
        connection.Query("SELECT seq, event FROM inbox WHERE key = $1 ORDER BY seq", r => (r.GetInt64(0), r.GetFieldValue<byte[]>(1)), key);

    public static List<(int Id, byte[] Event)> Timers(this SqliteConnection connection, long key) =>
        connection.Query("SELECT id, event FROM timer WHERE key = $1 ORDER BY id", r => (r.GetInt32(0), r.GetFieldValue<byte[]>(1)), key);

    public static List<(long Key, string App, long Due)> AllTimers(this SqliteConnection connection) =>
        connection.Query("SELECT t.key, i.app, t.due FROM timer t JOIN instance i ON i.key = t.key", ReadDue);

    public static List<(long Key, string App, long Due)> AllExpiring(this SqliteConnection connection) =>
        connection.Query("SELECT key, app, expires FROM instance WHERE expires IS NOT NULL", ReadDue);

    public static List<ActivityTask> AllTasks(this SqliteConnection connection) =>
        connection.Query("SELECT key, generation, app, request, router FROM task ORDER BY key, generation, id", r => new ActivityTask(
            r.GetInt64(0),
            r.GetInt64(1),
            new TaskOrder(r.GetString(2), ActivityRequest.Parser.ParseFrom(r.GetFieldValue<byte[]>(3)), TaskRouter.Parser.ParseFrom(r.GetFieldValue<byte[]>(4)))));

    public static List<int> Tasks(this SqliteConnection connection, long key, long generation) =>
        connection.Query("SELECT id FROM task WHERE key = $1 AND generation = $2", r => r.GetInt32(0), key, generation);

    /// <summary>Instances that have something to work on, and when they may begin if that is later.</summary>
    public static List<(long Key, string App, long? StartAt, bool IsStalled)> WithInbox(this SqliteConnection connection) =>
        connection.Query(
            """
            SELECT i.key, i.app, CASE WHEN i.created IS NULL AND (SELECT count(*) FROM inbox WHERE key = i.key) = 1 THEN i.start_at END, i.stalled IS NOT NULL
            FROM instance i WHERE i.key IN (SELECT DISTINCT key FROM inbox) ORDER BY i.key
            """,
            r => (r.GetInt64(0), r.GetString(1), r.IsDBNull(2) ? (long?)null : r.GetInt64(2), r.GetBoolean(3)));

    public static long LastKey(this SqliteConnection connection) =>
        connection.Scalar<object>("SELECT seq FROM sqlite_sequence WHERE name = 'instance'") is long last ? last : 0;

    private static InstanceRow ReadRow(SqliteDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        row.GetInt64(3),
        (OrchestrationStatus)row.GetInt32(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        Long(row, 6),
        Long(row, 7),
        Long(row, 8),
        row.IsDBNull(9) ? null : row.GetString(9),
        row.IsDBNull(10) ? null : new(row.GetInt64(10), row.GetString(11), row.GetString(12)),
        Long(row, 13),
        Long(row, 14),
        row.IsDBNull(15) ? null : row.GetFieldValue<byte[]>(15));

    private static (long Key, string App, long Due) ReadDue(SqliteDataReader row) => (row.GetInt64(0), row.GetString(1), row.GetInt64(2));

    private static long? Long(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
