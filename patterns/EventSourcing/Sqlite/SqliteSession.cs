using System.Data.Common;
using Microsoft.Data.Sqlite;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Sqlite;

/// <summary>SQLite works within the calling thread, so everything has ended when its task is returned.</summary>
internal sealed class SqliteSession : SqlSession, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    public SqliteSession(string connectionString, string pragmas)
    {
        _connection = new SqliteConnection(connectionString);
        _connection.Open();
        Script(pragmas);
    }

    public void Script(string sql)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // SQL comes from the code of the pattern and its projections, never from a request
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public int Execute(string sql, params ReadOnlySpan<object?> arguments) => Bind(sql, arguments).ExecuteNonQuery();

    public override ValueTask ScriptAsync(string sql)
    {
        Script(sql);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> arguments) => new(Execute(sql, arguments));

    public override ValueTask<T?> ReadFirstAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments)
        where T : default
    {
        using var reader = Bind(sql, arguments).ExecuteReader();
        return new(reader.Read() ? map(reader) : default);
    }

    public override ValueTask<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments)
    {
        using var reader = Bind(sql, arguments).ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
            rows.Add(map(reader));
        return new(rows);
    }

    /// <summary>There is one writer at a time: it holds every name.</summary>
    public override ValueTask LockAsync(string name) => ValueTask.CompletedTask;

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!_prepared.TryGetValue(sql, out var command))
            _prepared.Add(sql, command = Prepare(sql, arguments.Length));
        for (var i = 0; i < arguments.Length; i++)
            command.Parameters[i].Value = arguments[i] ?? DBNull.Value;
        return command;
    }

    private SqliteCommand Prepare(string sql, int count)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 1; i <= count; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
    }
}
