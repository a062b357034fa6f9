using Dapr.Proto.Runtime.V1;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Locks;

/// <summary>The built-in engine's locks of the whole process: locks.db in the data folder.</summary>
internal sealed class EmbeddedLocks(LocalRuntime runtime) : IAsyncDisposable
{
    private readonly Database database = runtime.OpenDatabase("locks", "CREATE TABLE IF NOT EXISTS locks (store TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (store, key))");

    public LockTable Open(string component) => new(database, component, runtime.Time);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}

/// <summary>The locks of one component name: taken until released or expired, not re-entrant, no renewal.</summary>
internal sealed class LockTable(Database database, string store, TimeProvider time)
{
    public Task<bool> TryLockAsync(string key, string owner, TimeSpan expiry) => database.WriteOneAsync(connection =>
    {
        var now = time.GetUtcNow();
        return connection.Execute(
            """
            INSERT INTO locks (store, key, owner, expires) VALUES ($1, $2, $3, $4)
            ON CONFLICT (store, key) DO UPDATE SET owner = excluded.owner, expires = excluded.expires WHERE expires <= $5
            """,
            store, key, owner, (now + expiry).ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds()) == 1;
    });

    public Task<UnlockResponse.Types.Status> UnlockAsync(string key, string owner) => database.WriteOneAsync(connection =>
    {
        var holder = connection.Scalar<string>("SELECT owner FROM locks WHERE store = $1 AND key = $2 AND expires > $3", store, key, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (holder is null)
            return UnlockResponse.Types.Status.LockDoesNotExist;
        if (holder != owner)
            return UnlockResponse.Types.Status.LockBelongsToOthers;
        connection.Execute("DELETE FROM locks WHERE store = $1 AND key = $2", store, key);
        return UnlockResponse.Types.Status.Success;
    });
}
