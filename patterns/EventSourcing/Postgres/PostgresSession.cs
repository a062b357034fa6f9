using System.Data.Common;
using Npgsql;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Postgres;

/// <summary>A connection of the pool, for one piece of work. Npgsql prepares what is run often.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken) : SqlSession
{
    public override async ValueTask ScriptAsync(string sql)
    {
        // Texts compare by their bytes, as on SQLite and in .NET's ordinal order; by itself the server would use the collation of its language.
        var command = Bind(sql.Replace(" TEXT", " TEXT COLLATE \"C\"", StringComparison.Ordinal), []);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> arguments) => ExecuteAsync(Bind(sql, arguments));

    public override ValueTask<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments) =>
        ReadAsync(Bind(sql, arguments), map, int.MaxValue);

    public override ValueTask<T?> ReadFirstAsync<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<object?> arguments)
        where T : default => FirstAsync(ReadAsync(Bind(sql, arguments), map, 1));

    /// <summary>Asked before the first change, it also makes the order of transaction ids that of the holders.</summary>
    public override async ValueTask LockAsync(string name) =>
        await ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name).ConfigureAwait(false);

    private async ValueTask<int> ExecuteAsync(NpgsqlCommand command)
    {
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<DbDataReader, T> map, int limit)
    {
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                List<T> rows = [];
                while (rows.Count < limit && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(map(reader));
                return rows;
            }
        }
    }

    private static async ValueTask<T?> FirstAsync<T>(ValueTask<List<T>> rows) => (await rows.ConfigureAwait(false)).FirstOrDefault();

    private NpgsqlCommand Bind(string sql, ReadOnlySpan<object?> arguments)
    {
#pragma warning disable CA2100 // SQL comes from the code of the pattern and its projections, never from a request
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument ?? DBNull.Value });
        return command;
    }
}
