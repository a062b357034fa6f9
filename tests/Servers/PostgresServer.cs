using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

[assembly: AssemblyFixture(typeof(Quayside.Servers.PostgresServer))]

namespace Quayside.Servers;

/// <summary>A PostgreSQL server from the distribution's packages as a child process: started when the first test asks, one for a test program.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim _starting = new(1, 1);
    private DirectoryInfo? _folder;
    private Process? _server;
    private string? _connectionString;
    private int _databases;

    /// <summary>Why there is none; null if there is.</summary>
    public static string? Missing { get; } =
        Binaries() is null ? "postgres and initdb are not installed (package postgresql)"
        : IsRoot && !File.ReadLines("/etc/passwd").Any(user => user.StartsWith("postgres:", StringComparison.Ordinal)) ? "the server refuses to run as root, and there is no user postgres"
        : null;

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Of the server's first database. Skips the test where there is no server.</summary>
    public async Task<string> ConnectAsync()
    {
        if (Missing is { } reason)
            Assert.Skip(reason);
        await _starting.WaitAsync();
        try
        {
            return _connectionString ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Of a new database of its own.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(await ConnectAsync());
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(settings.ToString());
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name} STRATEGY FILE_COPY", connection);
        await create.ExecuteNonQueryAsync();
        settings.Database = name;
        return settings.ToString();
    }

    /// <summary>All rows of all tables, each byte of a bytea as one character.</summary>
    public static async Task<string> DumpAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var tables = new List<string>();
        await using (var names = new NpgsqlCommand("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')", connection))
        await using (var name = await names.ExecuteReaderAsync())
        {
            while (await name.ReadAsync())
                tables.Add(name.GetString(0));
        }
        var all = new StringBuilder();
        foreach (var table in tables)
        {
            await using var rows = new NpgsqlCommand($"SELECT * FROM {table}", connection);
            await using var row = await rows.ExecuteReaderAsync();
            while (await row.ReadAsync())
            {
                for (var i = 0; i < row.FieldCount; i++)
                    all.Append(row.GetValue(i) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture)).Append('\n');
            }
        }
        return all.ToString();
    }

    private async Task<string> StartAsync()
    {
        var (binaries, port) = (Binaries()!, Ports.Free());
        _folder = Directory.CreateTempSubdirectory("quayside-postgres-");
        var (owner, run) = IsRoot ? ($"chown postgres {_folder.FullName} &&", "setpriv --reuid=postgres --regid=postgres --clear-groups") : ("", "");
        // it lives as long as our end of its input
        var script =
            $"""
            {owner} cd {_folder.FullName} || exit 1
            {run} {binaries}/initdb -D data -U postgres -A trust -E UTF8 --no-sync >&2 || exit 1
            {run} {binaries}/postgres -D data -k '' -c listen_addresses=127.0.0.1 -p {port} -c fsync=off -c max_connections=500 <&- &
            read -r _; kill -INT $!; wait $!
            """;
        _server = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        _server.ErrorDataReceived += (_, line) =>
        {
            lock (said)
                said.Add(line.Data ?? "(it ended)");
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException(string.Join('\n', said)));
            else if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
        };
        _server.BeginErrorReadLine();
        _server.BeginOutputReadLine();
        await ready.Task.WaitAsync(Patience);
        return new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = "postgres", Database = "postgres" }.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            NpgsqlConnection.ClearAllPools();
            _server.StandardInput.Close();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        _folder?.Delete(recursive: true);
        _starting.Dispose();
    }

    private static string? Binaries()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Reverse().Select(version => Path.Combine(version, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return installed.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }
}
