using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Sqlite;

/// <summary>
/// A SQLite file in WAL mode with one writer and a pool of readers. Writes that wait together are committed together, each
/// in a savepoint of its own, so that one failing leaves the others alone.
/// </summary>
internal sealed class SqliteDatabase : SqlDatabase
{
    private const int MaxGroup = 256;

    /// <summary>A read takes microseconds: more readers than cores only cost memory.</summary>
    private const int MaxReaders = 4;

    /// <summary>SQLite cannot call another process; asking costs microseconds.</summary>
    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(100);

    // KiB of pages a connection keeps: the default of 2,000 each adds up over shards and readers. Milliseconds to wait for the writer of another process.
    // What is deleted or overwritten within a page is overwritten with zeros: who forgets a key must not leave it in the file.
    private const string Pragmas = "PRAGMA cache_size=-512; PRAGMA busy_timeout=10000; PRAGMA secure_delete=FAST;";

    private readonly Channel<PendingWrite> _writes = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(4 * MaxGroup) { SingleReader = true });
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readersLeft = new(MaxReaders);
    private readonly string _connectionString;
    private readonly string _pragmas;
    private readonly SqliteSession _writer;
    private readonly Task _writing;

    public SqliteDatabase(string path, string schema, Durability durability)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 10 }.ToString();
        _pragmas = $"{Pragmas} PRAGMA journal_mode=WAL; PRAGMA synchronous={(durability == Durability.Power ? "FULL" : "NORMAL")};";
        _writer = new SqliteSession(_connectionString, _pragmas);
        _writer.Script(schema);
        _writing = Task.Run(WriteGroupsAsync);
    }

    public override async Task<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var write = new PendingWrite<T>(work);
        await _writes.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        return await write.Completion.ConfigureAwait(false);
    }

    public override async ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await _readersLeft.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_readers.TryTake(out var session))
                session = OpenReader();
            try
            {
                return await work(session).ConfigureAwait(false);
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

    /// <summary>Other processes look by themselves.</summary>
    public override void Announce()
    {
    }

    public override async Task WatchAsync(Action changed, CancellationToken cancellationToken)
    {
        using var session = OpenReader();
        using var timer = new PeriodicTimer(WatchEvery);
        for (var known = await VersionAsync(session); await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);)
        {
            var version = await VersionAsync(session);
            if (version != known)
                changed();
            known = version;
        }
    }

    /// <summary>Changes with every commit of another connection.</summary>
    private static ValueTask<long?> VersionAsync(SqliteSession session) => session.ReadLongAsync("PRAGMA data_version");

    private SqliteSession OpenReader() => new(_connectionString, _pragmas + "PRAGMA query_only=ON;");

    private async Task WriteGroupsAsync()
    {
        List<PendingWrite> group = [];
        while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (group.Count < MaxGroup && _writes.Reader.TryRead(out var write))
                group.Add(write);
            await CommitAsync(group).ConfigureAwait(false);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<PendingWrite> group)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var write in group)
                await RunInSavepointAsync(write).ConfigureAwait(false);
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

    private async ValueTask RunInSavepointAsync(PendingWrite write)
    {
        _writer.Execute("SAVEPOINT work");
        if (!await write.TryRunAsync(_writer).ConfigureAwait(false))
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

    public override async ValueTask DisposeAsync()
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
