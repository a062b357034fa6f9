using System.Data.Common;

namespace Quayside.EventSourcing.Sql;

/// <summary>One connection while it is in use, its statements prepared. Parameters are positional: $1, $2, ... Not thread-safe.</summary>
public abstract class SqlSession
{
    /// <summary>Runs statements that are not worth preparing (schema changes).</summary>
    public abstract ValueTask ScriptAsync(string sql);

    /// <returns>The number of rows changed.</returns>
    public abstract ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> arguments);

    public abstract ValueTask<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments);

    /// <returns>The first row, or default if there is none.</returns>
    public abstract ValueTask<T?> ReadFirstAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments);

    /// <returns>The first value of the first row; null if there is no row or the value is null.</returns>
    public ValueTask<long?> ReadLongAsync(string sql, params ReadOnlySpan<object?> arguments) =>
        ReadFirstAsync(sql, row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), arguments);

    /// <summary>Waits for every other transaction that locked the same name, and holds it until this one ends.</summary>
    public abstract ValueTask LockAsync(string name);
}
