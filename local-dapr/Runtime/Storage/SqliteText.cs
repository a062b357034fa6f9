using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Storage;

/// <summary>Commands with positional parameters <c>$1, $2, ...</c>; the connections of a <see cref="Database"/> keep them prepared.</summary>
public static class SqliteText
{
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = connection.Command(sql, parameters);
        try
        {
            return command.ExecuteNonQuery();
        }
        finally
        {
            connection.Keep(command);
        }
    }

    public static T? Scalar<T>(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> parameters)
    {
        var command = connection.Command(sql, parameters);
        try
        {
            return command.ExecuteScalar() is T value ? value : default;
        }
        finally
        {
            connection.Keep(command);
        }
    }

    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> parameters)
    {
        var command = connection.Command(sql, parameters);
        try
        {
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
                rows.Add(row(reader));
            return rows;
        }
        finally
        {
            connection.Keep(command);
        }
    }

    internal static bool IsInTransaction(this SqliteConnection connection) => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    private static SqliteCommand Command(this SqliteConnection connection, string sql, ReadOnlySpan<object?> parameters)
    {
        SqliteCommand command;
        if (connection is DatabaseConnection keeping)
        {
            command = keeping.Take(sql);
        }
        else
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
        }
        for (var i = 0; i < parameters.Length; i++)
        {
            if (i < command.Parameters.Count)
                command.Parameters[i].Value = parameters[i] ?? DBNull.Value;
            else
                command.Parameters.AddWithValue("$" + (i + 1), parameters[i] ?? DBNull.Value);
        }
        return command;
    }

    private static void Keep(this SqliteConnection connection, SqliteCommand command)
    {
        if (connection is DatabaseConnection keeping)
            keeping.Keep(command);
        else
            command.Dispose();
    }
}
