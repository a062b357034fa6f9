using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Storage;

/// <summary>How much a commit survives: <see cref="Normal"/> a killed process, <see cref="Full"/> also a power cut, <see cref="Off"/> nothing (--ephemeral).</summary>
public enum Durability { Off, Normal, Full }

/// <summary>
/// One SQLite file in WAL mode with one writer. Writes that arrive together share a transaction (group commit), each in a savepoint of its own,
/// and are acknowledged after the commit. Readers never wait for the writer.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const int MaxGroup = 256;

    private readonly string connectionString;
    private readonly Durability durability;
    private readonly SqliteConnection writer;
    private readonly ConcurrentBag<SqliteConnection> readers = [];
    private readonly Channel<Write> queue = Channel.CreateUnbounded<Write>(new() { SingleReader = true });
    private readonly Task loop;

    private Database(string path, Durability durability)
    {
        this.durability = durability;
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        writer = Connect();
        loop = Task.Factory.StartNew(WriteLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Opens or creates the file and runs <paramref name="schema"/>, which must be safe to run again.</summary>
    public static Database Open(string path, Durability durability, string schema)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var database = new Database(path, durability);
        database.WriteAsync(connection =>
        {
            connection.Execute(schema);
            return true;
        }).GetAwaiter().GetResult();
        return database;
    }

    /// <summary>
    /// Runs <paramref name="work"/> in the writer's transaction and completes after it is committed. When it throws, its own changes are rolled
    /// back, those of the others in the group stay, and the exception is the caller's. Keep it short: it runs on the only writer.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work)
    {
        var write = new Write<T>(work);
        if (!queue.Writer.TryWrite(write))
            throw new ObjectDisposedException(nameof(Database));
        return await write.Completion;
    }

    public Task WriteAsync(Action<SqliteConnection> work) => WriteAsync(connection =>
    {
        work(connection);
        return true;
    });

    /// <summary>Runs a query on a pooled reading connection; it sees all that was acknowledged.</summary>
    public T Read<T>(Func<SqliteConnection, T> query)
    {
        if (!readers.TryTake(out var connection))
            connection = Connect();
        try
        {
            return query(connection);
        }
        finally
        {
            readers.Add(connection);
        }
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await loop;
        await writer.DisposeAsync();
        while (readers.TryTake(out var reader))
            await reader.DisposeAsync();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        connection.Execute($"PRAGMA journal_mode=WAL; PRAGMA synchronous={durability}; PRAGMA busy_timeout=5000; PRAGMA temp_store=MEMORY;");
        return connection;
    }

    private void WriteLoop()
    {
        var group = new List<Write>(MaxGroup);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < MaxGroup && queue.Reader.TryRead(out var write))
                group.Add(write);
            Commit(group);
            group.Clear();
        }
    }

    private void Commit(List<Write> group)
    {
        try
        {
            writer.Execute("BEGIN IMMEDIATE");
            foreach (var write in group)
                write.Run(writer);
            writer.Execute("COMMIT");
        }
        catch (SqliteException failure)
        {
            if (writer.IsInTransaction())
                writer.Execute("ROLLBACK");
            foreach (var write in group)
                write.Fail(failure);
            return;
        }
        foreach (var write in group)
            write.Acknowledge();
    }

    private abstract class Write
    {
        public abstract void Run(SqliteConnection connection);

        public abstract void Acknowledge();

        public abstract void Fail(Exception failure);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> work) : Write
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? failure;

        public Task<T> Completion => completion.Task;

        public override void Run(SqliteConnection connection)
        {
            connection.Execute("SAVEPOINT one");
            try
            {
                result = work(connection);
                connection.Execute("RELEASE one");
            }
            catch (Exception thrown)
            {
                failure = thrown;
                connection.Execute("ROLLBACK TO one; RELEASE one");
            }
        }

        public override void Acknowledge()
        {
            if (failure is null)
                completion.TrySetResult(result!);
            else
                completion.TrySetException(failure);
        }

        public override void Fail(Exception failure) => completion.TrySetException(failure);
    }
}
