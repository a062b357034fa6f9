using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.State.Stores;

/// <summary>The built-in engine's table for the components of one name: bytes as they are, times in Unix milliseconds.</summary>
internal sealed class EmbeddedTable(string component) : StateTable(Quote("state:" + component))
{
    public override string Schema { get; } =
        $"""
        CREATE TABLE IF NOT EXISTS {Quote("state:" + component)} (
          key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL, is_binary INTEGER NOT NULL, etag TEXT NOT NULL,
          expiration_time INTEGER, update_time TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS {Quote($"state:{component}:expiry")} ON {Quote("state:" + component)} (expiration_time) WHERE expiration_time IS NOT NULL;
        """;

    public override void BindValue(Statement statement, ReadOnlySpan<byte> value, bool isJson) => statement.BindBlob(2, value).Bind(3, isJson ? 0 : 1);

    public override byte[] ReadValue(Statement row) => row.Bytes(0).ToArray();

    public override void BindTime(Statement statement, int parameter, DateTimeOffset time) => statement.Bind(parameter, time.ToUnixTimeMilliseconds());

    public override DateTimeOffset ReadTime(Statement row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.Long(column));
}
