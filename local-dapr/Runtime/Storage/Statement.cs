using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace LocalDapr.Runtime.Storage;

/// <summary>
/// A prepared statement for hot paths, without the objects that ADO.NET makes for each call. Get it from <see cref="DatabaseConnection.Prepare"/>,
/// bind, step, and <see cref="Reset"/> it: the connection keeps it. Parameters and columns are counted from 1 and 0 as in SQLite.
/// </summary>
public sealed class Statement : IDisposable
{
    private const int StackLimit = 256;

    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt handle;

    internal Statement(SqliteConnection connection, string sql)
    {
        this.connection = connection;
        Check(sqlite3_prepare_v3(connection.Handle, sql, SQLITE_PREPARE_PERSISTENT, out handle));
    }

    public Statement Bind(int parameter, ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = text.Length <= StackLimit / 3 ? stackalloc byte[StackLimit] : new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return BindText(parameter, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
    }

    /// <summary>Text that is UTF-8 already.</summary>
    public Statement BindText(int parameter, ReadOnlySpan<byte> utf8)
    {
        Check(sqlite3_bind_text(handle, parameter, utf8));
        return this;
    }

    public Statement BindBlob(int parameter, ReadOnlySpan<byte> bytes)
    {
        Check(bytes.IsEmpty ? sqlite3_bind_zeroblob(handle, parameter, 0) : sqlite3_bind_blob(handle, parameter, bytes));
        return this;
    }

    public Statement Bind(int parameter, long value)
    {
        Check(sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public Statement BindNull(int parameter)
    {
        Check(sqlite3_bind_null(handle, parameter));
        return this;
    }

    public Statement BindOrNull(int parameter, long? value) => value is { } known ? Bind(parameter, known) : BindNull(parameter);

    public Statement BindOrNull(int parameter, string? text) => text is null ? BindNull(parameter) : Bind(parameter, text);

    /// <summary>True while there is a row to read.</summary>
    public bool Step()
    {
        var result = sqlite3_step(handle);
        if (result == SQLITE_ROW)
            return true;
        if (result == SQLITE_DONE)
            return false;
        var message = sqlite3_errmsg(connection.Handle).utf8_to_string();
        Reset();
        throw new SqliteException(message, result & 0xFF, result);
    }

    /// <summary>Runs a statement without rows to its end and gives the number of rows it changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }
        Reset();
        return sqlite3_changes(connection.Handle);
    }

    public bool IsNull(int column) => sqlite3_column_type(handle, column) == SQLITE_NULL;

    /// <summary>The bytes of a text or blob column, until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => sqlite3_column_blob(handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(sqlite3_column_blob(handle, column));

    public long Long(int column) => sqlite3_column_int64(handle, column);

    public void Reset() => _ = sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();

    private void Check(int result)
    {
        if (result != SQLITE_OK)
            throw new SqliteException(sqlite3_errmsg(connection.Handle).utf8_to_string(), result & 0xFF, result);
    }
}
