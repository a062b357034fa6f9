using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Projections;

internal sealed record Checkpoint(int Version, Cursor Cursor);

internal static class CheckpointTable
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS checkpoints (
            projection TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            tx BIGINT NOT NULL,
            position BIGINT NOT NULL);
        """;

    public static ValueTask<Checkpoint?> FindAsync(SqlSession session, string projection) => session.ReadFirstAsync(
        "SELECT version, tx, position FROM checkpoints WHERE projection = $1",
        row => new Checkpoint(row.GetInt32(0), new Cursor(row.GetInt64(1), row.GetInt64(2))), projection);

    public static ValueTask<int> SetAsync(SqlSession session, string projection, Checkpoint checkpoint) => session.ExecuteAsync(
        """
        INSERT INTO checkpoints (projection, version, tx, position) VALUES ($1, $2, $3, $4)
        ON CONFLICT (projection) DO UPDATE SET version = $2, tx = $3, position = $4
        """,
        projection, checkpoint.Version, checkpoint.Cursor.Transaction, checkpoint.Cursor.Position);

    /// <returns>false if another runner on the same database was faster.</returns>
    public static async ValueTask<bool> TryMoveAsync(SqlSession session, string projection, Cursor from, Cursor to) => await session.ExecuteAsync(
        "UPDATE checkpoints SET tx = $1, position = $2 WHERE projection = $3 AND tx = $4 AND position = $5",
        to.Transaction, to.Position, projection, from.Transaction, from.Position) == 1;
}
