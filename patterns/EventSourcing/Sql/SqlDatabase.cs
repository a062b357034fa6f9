namespace Quayside.EventSourcing.Sql;

/// <summary>A database with transactions. Open it by its <see cref="DatabaseAddress"/>.</summary>
public abstract class SqlDatabase : IAsyncDisposable
{
    /// <summary>Runs <paramref name="work"/> in a transaction and completes when it is committed. What it throws undoes its changes and is thrown here.</summary>
    /// <remarks>Await nothing but the session in it: on SQLite all writes of the process wait.</remarks>
    public abstract Task<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>The same for work without a result.</summary>
    public Task WriteAsync(Func<SqlSession, ValueTask> work, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            await work(session).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary><see cref="WriteAsync{T}"/> for work that is a single statement, which needs no transaction around it.</summary>
    public virtual Task<T> WriteOneAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken) => WriteAsync(work, cancellationToken);

    /// <summary>Reads beside the writers; each statement sees one consistent moment.</summary>
    public abstract ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>Lets other processes know that something was committed; returns at once.</summary>
    public abstract void Announce();

    /// <summary>Calls <paramref name="changed"/> soon after another process has committed; one call may stand for many commits. Runs until cancelled.</summary>
    public abstract Task WatchAsync(Action changed, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
