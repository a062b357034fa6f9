using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Storage;

/// <summary>A connection that keeps its statements prepared, by their text.</summary>
public sealed class DatabaseConnection(string connectionString) : SqliteConnection(connectionString)
{
    // Texts with a varying number of parameters must not fill the memory.
    private const int MaxKept = 128;

    private readonly Dictionary<string, Statement> statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteCommand> commands = new(StringComparer.Ordinal);

    /// <summary>The statement of this text, which is kept for ever: for constant texts. Not to be used twice at the same time.</summary>
    public Statement Prepare(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
            statements[sql] = statement = new Statement(this, sql);
        return statement;
    }

    /// <summary>A command of this text that nobody uses, if there is one; give it back with <see cref="Keep"/>.</summary>
    internal SqliteCommand Take(string sql)
    {
        if (commands.Remove(sql, out var kept))
            return kept;
        var command = CreateCommand();
        command.CommandText = sql;
        return command;
    }

    internal void Keep(SqliteCommand command)
    {
        if (commands.Count >= MaxKept || !commands.TryAdd(command.CommandText, command))
            command.Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var statement in statements.Values)
                statement.Dispose();
            statements.Clear();
            foreach (var command in commands.Values)
                command.Dispose();
            commands.Clear();
        }
        base.Dispose(disposing);
    }
}
