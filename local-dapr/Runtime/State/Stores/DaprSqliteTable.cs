using System.Buffers.Text;
using System.Globalization;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.State.Stores;

/// <summary>
/// The table of Dapr's state.sqlite, so that a real daprd can take the file over: JSON as text, anything else as base64 text with a flag,
/// times as UTC text to the second.
/// </summary>
internal sealed class DaprSqliteTable(string name, string metadataName) : StateTable(Quote(name))
{
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    public override string Schema { get; } =
        $"""
        CREATE TABLE IF NOT EXISTS {Quote(metadataName)} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS {Quote(name)} (
          key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, is_binary BOOLEAN NOT NULL, etag TEXT NOT NULL,
          expiration_time TIMESTAMP DEFAULT NULL, update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
        INSERT OR IGNORE INTO {Quote(metadataName)} (key, value) VALUES ('migrations', '1');
        """;

    public override void BindValue(Statement statement, ReadOnlySpan<byte> value, bool isJson)
    {
        if (isJson)
        {
            statement.BindText(2, value).Bind(3, 0);
            return;
        }
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(value.Length)];
        Base64.EncodeToUtf8(value, text, out _, out var written);
        statement.BindText(2, text.AsSpan(0, written)).Bind(3, 1);
    }

    public override byte[] ReadValue(Statement row)
    {
        var text = row.Bytes(0);
        if (row.Long(1) == 0)
            return text.ToArray();
        var value = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        Base64.DecodeFromUtf8(text, value, out _, out var written);
        return value[..written];
    }

    public override void BindTime(Statement statement, int parameter, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[TimeFormat.Length];
        time.UtcDateTime.TryFormat(text, out _, TimeFormat, CultureInfo.InvariantCulture);
        statement.BindText(parameter, text);
    }

    public override DateTimeOffset ReadTime(Statement row, int column) =>
        DateTimeOffset.Parse(row.Text(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
