using Quayside.EventSourcing.Sqlite;

namespace Quayside.EventSourcing.Projections;

internal sealed record Checkpoint(int Version, Cursor Cursor);

internal static class CheckpointTable
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS checkpoints (
            projection TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            tx INTEGER NOT NULL,
            position INTEGER NOT NULL) WITHOUT ROWID;
        """;

    public static Checkpoint? Find(SqliteSession session, string projection) => session.ReadFirst(
        "SELECT version, tx, position FROM checkpoints WHERE projection = $1",
        row => new Checkpoint(row.GetInt32(0), new Cursor(row.GetInt64(1), row.GetInt64(2))), projection);

    public static void Set(SqliteSession session, string projection, Checkpoint checkpoint) => session.Execute(
        "INSERT OR REPLACE INTO checkpoints (projection, version, tx, position) VALUES ($1, $2, $3, $4)",
        projection, checkpoint.Version, checkpoint.Cursor.Transaction, checkpoint.Cursor.Position);

    /// <returns>false if another runner on the same file was faster.</returns>
    public static bool TryMove(SqliteSession session, string projection, Cursor from, Cursor to) => session.Execute(
        "UPDATE checkpoints SET tx = $1, position = $2 WHERE projection = $3 AND tx = $4 AND position = $5",
        to.Transaction, to.Position, projection, from.Transaction, from.Position) == 1;
}
