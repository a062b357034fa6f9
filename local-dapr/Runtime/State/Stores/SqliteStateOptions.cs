using LocalDapr.Runtime.Cli;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.State.Stores;

/// <summary>Opens a component of type state.sqlite (Dapr 1.18: connectionString, tableName, metadataTableName, busyTimeout, cleanupInterval).</summary>
internal static class SqliteStateOptions
{
    private const string MemoryFile = ":memory:";

    public static IStateStore Open(Component component, SidecarContext context)
    {
        if (component["connectionString"] is not { Length: > 0 } connectionString)
            throw component.Spec.Error("metadata `connectionString` is missing", "Name the database file.");
        var table = new DaprSqliteTable(component["tableName"] ?? "state", component["metadataTableName"] ?? "metadata");
        var temporary = connectionString.StartsWith(MemoryFile, StringComparison.Ordinal) || connectionString.Contains("mode=memory", StringComparison.Ordinal)
            ? Directory.CreateTempSubdirectory("dapr-sqlite-")
            : null;
        var path = temporary is null ? FilePath(connectionString, context.Options.WorkingDirectory) : Path.Combine(temporary.FullName, "state.db");
        if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
            throw component.Spec.Error($"the folder of the database {path} does not exist", "Create it, or correct `connectionString`.");
        try
        {
            var database = Database.Open(path, temporary is null ? Durability.Normal : Durability.Off, table.Schema, Duration(component, "busyTimeout"));
            return new SqlStateStore(database, table, context.Time, Duration(component, "cleanupInterval") is { Ticks: > 0 } interval ? interval : null, async () =>
            {
                await database.DisposeAsync();
                temporary?.Delete(recursive: true);
            });
        }
        catch (SqliteException failure)
        {
            throw component.Spec.Error($"the database {path} cannot be opened ({failure.Message})", "Correct `connectionString`, or move the file away.");
        }
    }

    private static string FilePath(string connectionString, string workingDirectory)
    {
        var path = connectionString.StartsWith("file:", StringComparison.Ordinal) ? connectionString["file:".Length..] : connectionString;
        var query = path.IndexOf('?', StringComparison.Ordinal);
        return Path.GetFullPath(query < 0 ? path : path[..query], workingDirectory);
    }

    private static TimeSpan? Duration(Component component, string name)
    {
        if (component[name] is not { Length: > 0 } text)
            return null;
        return Quantity.TryParseDuration(text, out var duration) ? duration : throw component.Spec.Error($"metadata `{name}` is `{text}`, which is no duration", "Write for example 5s or 1m.");
    }
}
