using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Quayside.EventSourcing.Sqlite;

/// <summary>What a commit survives.</summary>
public enum Durability
{
    /// <summary>The death of the process (synchronous=NORMAL).</summary>
    Process,

    /// <summary>Loss of power too (synchronous=FULL): one disk flush a group of writes.</summary>
    Power,
}

/// <summary>
/// A SQLite file in WAL mode with one writer and a pool of readers. Writes that wait together are committed together, each
/// in a savepoint of its own, so that one failing leaves the others alone.
/// </summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    private const int MaxGroup = 256;

    /// <summary>A read takes microseconds: more readers than cores only cost memory.</summary>
    private const int MaxReaders = 4;

    // KiB of pages a connection keeps; the default of 2,000 each adds up over shards and readers.
    private const string Pages = "PRAGMA cache_size=-512;";

    private readonly Channel<PendingWrite> _writes = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(4 * MaxGroup) { SingleReader = true });
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readersLeft = new(MaxReaders);
    private readonly string _connectionString;
    private readonly string _pragmas;
    private readonly SqliteSession _writer;
    private readonly Task _writing;

    /// <param name="path">The file; its folder is created.</param>
    /// <param name="schema">Statements that create what is missing; run at each start.</param>
    public SqliteDatabase(string path, string schema, Durability durability = Durability.Process)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 10 }.ToString();
        _pragmas = $"PRAGMA journal_mode=WAL; PRAGMA synchronous={(durability == Durability.Power ? "FULL" : "NORMAL")};" + Pages;
        _writer = new SqliteSession(_connectionString, _pragmas);
        _writer.Script(schema);
        _writing = Task.Run(WriteGroupsAsync);
    }

    /// <summary>Runs <paramref name="work"/> in a transaction of the writer and completes when it is committed.</summary>
    /// <remarks>What <paramref name="work"/> throws undoes its own changes only and is thrown here.</remarks>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        var write = new PendingWrite<T>(work);
        await _writes.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        return await write.Completion.ConfigureAwait(false);
    }

    /// <summary>Reads one consistent snapshot per statement, beside the writer.</summary>
    public T Read<T>(Func<SqliteSession, T> work)
    {
        _readersLeft.Wait();
        try
        {
            if (!_readers.TryTake(out var session))
                session = new SqliteSession(_connectionString, _pragmas + "PRAGMA query_only=ON;");
            try
            {
                return work(session);
            }
            finally
            {
                _readers.Add(session);
            }
        }
        finally
        {
            _readersLeft.Release();
        }
    }

    private async Task WriteGroupsAsync()
    {
        List<PendingWrite> group = [];
        while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (group.Count < MaxGroup && _writes.Reader.TryRead(out var write))
                group.Add(write);
            Commit(group);
            group.Clear();
        }
    }

    private void Commit(List<PendingWrite> group)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var write in group)
                RunInSavepoint(write);
            _writer.Execute("COMMIT");
        }
        catch (SqliteException failure)
        {
            TryRollback();
            foreach (var write in group)
                write.Fail(failure);
            return;
        }
        foreach (var write in group)
            write.Complete();
    }

    private void RunInSavepoint(PendingWrite write)
    {
        _writer.Execute("SAVEPOINT work");
        if (!write.TryRun(_writer))
            _writer.Execute("ROLLBACK TO work");
        _writer.Execute("RELEASE work");
    }

    private void TryRollback()
    {
        try
        {
            _writer.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back on its own, or BEGIN itself was refused
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_writes.Writer.TryComplete())
            return;
        await _writing.ConfigureAwait(false);
        _writer.Dispose();
        while (_readers.TryTake(out var reader))
            reader.Dispose();
        _readersLeft.Dispose();
    }
}
