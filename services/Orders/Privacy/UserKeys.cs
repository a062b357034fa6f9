using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Quayside.EventSourcing.Sqlite;
using Quayside.ServiceDefaults.Hosting;

namespace Quayside.Orders.Privacy;

/// <summary>32 bytes that wrap the keys of the users; read once from the secret store.</summary>
public delegate Task<byte[]> ReadMasterKey(CancellationToken cancellationToken);

/// <summary>A data key per user, wrapped by the master key. Deleting a user's row makes the private data of all his orders unreadable.</summary>
public sealed class UserKeys(DataDirectory data, ReadMasterKey readMasterKey) : IAsyncDisposable
{
    private const string Schema = "CREATE TABLE IF NOT EXISTS user_keys (user_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;";

    private readonly SqliteDatabase _database = new(data.File("user-keys.db"), Schema);
    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private byte[]? _masterKey;

    public async ValueTask<byte[]> GetOrCreateAsync(string userId, CancellationToken cancellationToken)
    {
        if (await FindAsync(userId, cancellationToken) is { } known)
            return known;
        var wrapped = Sealing.Seal(await MasterKeyAsync(cancellationToken), RandomNumberGenerator.GetBytes(32), Encoding.UTF8.GetBytes(userId));
        await _database.WriteAsync(
            session => session.Execute("INSERT OR IGNORE INTO user_keys VALUES ($1, $2)", userId, wrapped), cancellationToken);
        return (await FindAsync(userId, cancellationToken))!;
    }

    public async ValueTask<byte[]?> FindAsync(string userId, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue<byte[]>(userId, out var key))
            return key;
        var wrapped = _database.Read(session => session.ReadFirst(
            "SELECT wrapped FROM user_keys WHERE user_id = $1", row => row.GetFieldValue<byte[]>(0), userId));
        if (wrapped is null)
            return null;
        key = Sealing.Open(await MasterKeyAsync(cancellationToken), wrapped, Encoding.UTF8.GetBytes(userId));
        return _keys.Set(userId, key, new MemoryCacheEntryOptions { Size = 1 });
    }

    private async ValueTask<byte[]> MasterKeyAsync(CancellationToken cancellationToken) =>
        _masterKey ??= await readMasterKey(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        await _database.DisposeAsync();
    }
}
