using Quayside.EventSourcing.Sql;

namespace Quayside.RelayProcess;

/// <summary>A database that tells the fault which line is passed.</summary>
internal sealed class FaultyDatabase(SqlDatabase inner, Fault fault) : SqlDatabase
{
    /// <summary>SQLite lets nobody write while a process is stopped in a commit: where the fault stops this one, one writes at a time, and the fault waits for it.</summary>
    public SemaphoreSlim Writing { get; } = new(fault.Stops ? 1 : int.MaxValue);

    public override Task<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken) =>
        PassAsync(work, watched => inner.WriteAsync(watched, cancellationToken));

    public override Task<T> WriteOneAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken) =>
        PassAsync(work, watched => inner.WriteOneAsync(watched, cancellationToken));

    public override ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken) => inner.ReadAsync(work, cancellationToken);

    public override void Announce() => inner.Announce();

    public override Task WatchAsync(Action changed, CancellationToken cancellationToken) => inner.WatchAsync(changed, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        Writing.Dispose();
    }

    private async Task<T> PassAsync<T>(Func<SqlSession, ValueTask<T>> work, Func<Func<SqlSession, ValueTask<T>>, Task<T>> write)
    {
        await Writing.WaitAsync();
        try
        {
            FaultySession? used = null;
            var result = await write(session => work(used = new FaultySession(session, fault)));
            if (used?.Last?.After is { } after)
                fault.Pass(after);
            return result;
        }
        finally
        {
            Writing.Release();
        }
    }
}
