using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace LocalDapr.Runtime.Storage;

/// <summary>What an acknowledged write survives: <see cref="Normal"/> a kill of the process, <see cref="Full"/> also a power cut, <see cref="Off"/> nothing (--ephemeral).</summary>
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
    private readonly TimeSpan busyTimeout;
    private readonly DatabaseConnection writer;
    private readonly ConcurrentBag<DatabaseConnection> readers = [];
    private readonly ConcurrentQueue<Write> queue = new();
    private readonly List<Write> group = new(MaxGroup);
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Drain drain;
    private int draining;
    private volatile bool closed;

    private Database(string path, Durability durability, TimeSpan busyTimeout)
    {
        (this.durability, this.busyTimeout) = (durability, busyTimeout);
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        writer = Connect();
        drain = new Drain(this);
    }

    /// <summary>Opens or creates the file and runs <paramref name="schema"/>, which must be safe to run again.</summary>
    /// <param name="path">The file; its folder is made too.</param>
    /// <param name="durability">What an acknowledged write survives.</param>
    /// <param name="schema">SQL statements.</param>
    /// <param name="busyTimeout">How long to wait for another process that writes to the file; 5 s when absent.</param>
    public static Database Open(string path, Durability durability, string schema, TimeSpan? busyTimeout = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var database = new Database(path, durability, busyTimeout ?? TimeSpan.FromSeconds(5));
        database.writer.Execute(schema);
        return database;
    }

    /// <summary>
    /// Runs <paramref name="work"/> in the writer's transaction and completes after it is committed. When it throws, its own changes are rolled
    /// back, those of the others in the group stay, and the exception is the caller's. Keep it short: it runs on the only writer.
    /// </summary>
    /// <param name="work">What to write.</param>
    /// <param name="chain">The writes before it on which this one builds: refused with them.</param>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, WriteChain? chain = null) => Enqueue(new Write<T>(work, single: false, chain));

    public Task WriteAsync(Action<SqliteConnection> work, WriteChain? chain = null) => WriteAsync(connection =>
    {
        work(connection);
        return true;
    }, chain);

    /// <summary>As <see cref="WriteAsync{T}(Func{SqliteConnection, T})"/>, for work that changes data with one statement at most: it needs no savepoint.</summary>
    public Task<T> WriteOneAsync<T>(Func<SqliteConnection, T> work) => Enqueue(new Write<T>(work, single: true, null));

    /// <summary>Runs a query on a pooled reading connection; it sees all that was acknowledged.</summary>
    public T Read<T>(Func<SqliteConnection, T> query) => Read(query, static (connection, q) => q(connection));

    /// <summary>The same without a closure.</summary>
    public T Read<TState, T>(TState state, Func<DatabaseConnection, TState, T> query)
    {
        if (!readers.TryTake(out var connection))
            connection = Connect();
        try
        {
            return query(connection, state);
        }
        finally
        {
            readers.Add(connection);
        }
    }

    public async ValueTask DisposeAsync()
    {
        closed = true;
        Schedule();
        await drained.Task;
        await writer.DisposeAsync();
        while (readers.TryTake(out var reader))
            await reader.DisposeAsync();
    }

    private DatabaseConnection Connect()
    {
        var connection = new DatabaseConnection(connectionString);
        connection.Open();
        connection.Execute($"PRAGMA busy_timeout={(long)busyTimeout.TotalMilliseconds}; PRAGMA journal_mode=WAL; PRAGMA synchronous={durability}; PRAGMA temp_store=MEMORY;");
        return connection;
    }

    private Task<T> Enqueue<T>(Write<T> write)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        queue.Enqueue(write);
        Schedule();
        return write.Completion;
    }

    private void Schedule()
    {
        // The global queue: requests that wait there enqueue their writes first, so groups grow with the load.
        if (Interlocked.Exchange(ref draining, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(drain, preferLocal: false);
    }

    private void CommitAll()
    {
        do
        {
            while (!queue.IsEmpty)
            {
                while (group.Count < MaxGroup && queue.TryDequeue(out var write))
                    group.Add(write);
                Commit();
                group.Clear();
            }
            if (closed)
                drained.TrySetResult();
            Volatile.Write(ref draining, 0);
        }
        while (!queue.IsEmpty && Interlocked.Exchange(ref draining, 1) == 0);
    }

    private void Commit()
    {
        try
        {
            writer.Prepare("BEGIN IMMEDIATE").Run();
            foreach (var write in group)
                write.Run(writer);
            writer.Prepare("COMMIT").Run();
        }
        catch (Exception failure)
        {
            foreach (var write in group)
                write.Fail(failure);
            if (!closed && writer.IsInTransaction())
                writer.Prepare("ROLLBACK").Run();
            return;
        }
        foreach (var write in group)
            write.Acknowledge();
    }

    private sealed class Drain(Database database) : IThreadPoolWorkItem
    {
        public void Execute() => database.CommitAll();
    }

    private abstract class Write
    {
        public abstract void Run(DatabaseConnection connection);

        public abstract void Acknowledge();

        public abstract void Fail(Exception failure);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> work, bool single, WriteChain? chain) : Write
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? failure;

        public Task<T> Completion => completion.Task;

        public override void Run(DatabaseConnection connection)
        {
            if (!single)
                connection.Prepare("SAVEPOINT one").Run();
            try
            {
                chain?.ThrowIfBroken();
                result = work(connection);
                if (!single)
                    connection.Prepare("RELEASE one").Run();
            }
            catch (Exception thrown)
            {
                failure = thrown;
                chain?.Break();
                if (!single)
                {
                    connection.Prepare("ROLLBACK TO one").Run();
                    connection.Prepare("RELEASE one").Run();
                }
            }
        }

        public override void Acknowledge()
        {
            if (failure is null)
                completion.TrySetResult(result!);
            else
                completion.TrySetException(failure);
        }

        public override void Fail(Exception failure)
        {
            chain?.Break();
            completion.TrySetException(failure);
        }
    }
}
