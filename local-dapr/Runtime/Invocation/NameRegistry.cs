using System.Globalization;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Invocation;

/// <summary>Where a sidecar of another process listens. The id of its registration is the secret that lets one in: only who reads the file knows it.</summary>
internal sealed record RemoteAddress(string Address, string Token);

/// <summary>
/// Name resolution by a shared SQLite file, in Dapr's tables (nameresolution.sqlite): each sidecar renews its row, a row older than
/// <c>updateInterval</c> is nobody's. Unlike Dapr's, a lost row is written again and fresh rows are never cleaned away.
/// </summary>
internal sealed class NameRegistry : IAsyncDisposable
{
    private readonly string connectionString;
    private readonly string table;
    private readonly TimeSpan updateInterval;
    private readonly TimeSpan renewal;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();
    private readonly SqliteConnection reader;
    private Task renewing = Task.CompletedTask;

    private NameRegistry(YamlDotNet.RepresentationModel.YamlNode? settings, string file, TimeProvider time)
    {
        this.time = time;
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 5 }.ToString();
        table = settings.Text("tableName") ?? "hosts";
        if (!table.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new FormatException($"nameResolution: `{table}` is not a table name; use letters, digits and _");
        updateInterval = Setting("updateInterval", TimeSpan.FromSeconds(5));
        // Dapr renews after updateInterval - timeout; more often keeps the row of a killed sidecar alive for as long as callers retry.
        renewal = updateInterval / 5;
        reader = Open();
        reader.Execute($"""
            CREATE TABLE IF NOT EXISTS {table} (registration_id TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL, app_id TEXT NOT NULL, namespace TEXT NOT NULL, last_update INTEGER NOT NULL);
            CREATE UNIQUE INDEX IF NOT EXISTS {table}_address_idx ON {table} (address);
            CREATE INDEX IF NOT EXISTS {table}_last_update_idx ON {table} (last_update);
            """);

        TimeSpan Setting(string name, TimeSpan otherwise) =>
            settings.Text(name) is { Length: > 0 } text && Cli.Quantity.TryParseDuration(text, out var duration) ? duration : otherwise;
    }

    /// <summary>The registry that the Configuration names; null for every other kind of name resolution.</summary>
    public static NameRegistry? Create(DaprConfiguration configuration, SidecarOptions options, TimeProvider time)
    {
        var settings = configuration.Spec.At("nameResolution.configuration");
        return configuration.Spec.Text("nameResolution.component") == "sqlite" && settings.Text("connectionString") is { Length: > 0 } file
            ? new NameRegistry(settings, Path.GetFullPath(file, options.WorkingDirectory), time)
            : null;
    }

    /// <summary>The secret of this sidecar's registration.</summary>
    public string Token { get; } = Guid.NewGuid().ToString();

    /// <summary>Announces the sidecar until it is disposed of.</summary>
    public void Register(string appId, string address)
    {
        Write(appId, address);
        renewing = RenewAsync(appId, address);
    }

    /// <summary>One of the sidecars of the app, at random; null when there is none.</summary>
    public RemoteAddress? Find(string appId)
    {
        var oldest = Now() - (long)updateInterval.TotalSeconds;
        lock (reader)
        {
            return reader.Query(
                $"SELECT address, registration_id FROM {table} WHERE app_id = $1 AND last_update > $2 ORDER BY random() LIMIT 1",
                row => new RemoteAddress(row.GetString(0), row.GetString(1)),
                appId, oldest).FirstOrDefault();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await renewing;
        using var connection = Open();
        connection.Execute($"DELETE FROM {table} WHERE registration_id = $1", Token);
        await reader.DisposeAsync();
        stopping.Dispose();
    }

    private async Task RenewAsync(string appId, string address)
    {
        using var timer = new PeriodicTimer(renewal, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                try
                {
                    Write(appId, address);
                }
                catch (SqliteException)
                {
                    // Locked by others for longer than we wait: the next turn is soon enough.
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Write(string appId, string address)
    {
        using var connection = Open();
        connection.Execute($"REPLACE INTO {table} (registration_id, address, app_id, namespace, last_update) VALUES ($1, $2, $3, '', $4)", Token, address, appId, Now());
    }

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={800}"));
        return connection;
    }
}
