using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.State.Stores;

/// <summary>
/// How one table holds state: its statements, and how values and times are written. All statements number their parameters alike:
/// 1 key, 2 value, 3 is_binary, 4 new etag, 5 expiry, 6 now, 7 expected etag.
/// </summary>
internal abstract class StateTable(string name)
{
    private const string Live = "(expiration_time IS NULL OR expiration_time > ?6)";
    private const string Excluded = "value = excluded.value, is_binary = excluded.is_binary, etag = excluded.etag, expiration_time = excluded.expiration_time, update_time = CURRENT_TIMESTAMP";
    private const string Insert = "(key, value, is_binary, etag, expiration_time, update_time) VALUES (?1, ?2, ?3, ?4, ?5, CURRENT_TIMESTAMP) ON CONFLICT (key) DO UPDATE SET " + Excluded;

    public abstract string Schema { get; }

    public string Get { get; } = $"SELECT value, is_binary, etag, expiration_time FROM {name} WHERE key = ?1 AND {Live}";

    /// <summary>Keys from parameter 1 up to but not including parameter 2, at most parameter 3 of them.</summary>
    public string List { get; } = $"SELECT value, is_binary, key FROM {name} WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";

    public string Upsert { get; } = $"INSERT INTO {name} {Insert}";

    /// <summary>Changes no row when the key is taken.</summary>
    public string InsertNew { get; } = $"INSERT INTO {name} {Insert} WHERE {name}.expiration_time <= ?6";

    /// <summary>Changes no row when the etag is not the current one.</summary>
    public string Update { get; } =
        $"UPDATE {name} SET value = ?2, is_binary = ?3, etag = ?4, expiration_time = ?5, update_time = CURRENT_TIMESTAMP WHERE key = ?1 AND etag = ?7 AND {Live}";

    public string Delete { get; } = $"DELETE FROM {name} WHERE key = ?1";

    /// <summary>Changes no row when the etag is not the current one.</summary>
    public string DeleteVersion { get; } = $"DELETE FROM {name} WHERE key = ?1 AND etag = ?7 AND {Live}";

    public string Sweep { get; } = $"DELETE FROM {name} WHERE expiration_time <= ?6";

    public abstract void BindValue(Statement statement, ReadOnlySpan<byte> value, bool isJson);

    public abstract byte[] ReadValue(Statement row);

    public abstract void BindTime(Statement statement, int parameter, DateTimeOffset time);

    public abstract DateTimeOffset ReadTime(Statement row, int column);

    protected static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
