using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Privacy;

/// <summary>32 bytes that wrap the keys of the users; read once from the secret store.</summary>
public delegate Task<byte[]> ReadMasterKey(CancellationToken cancellationToken);

/// <summary>A data key per user, wrapped by the master key. Deleting a user's row makes the private data of all his orders unreadable.</summary>
internal sealed class UserKeys(OrdersDatabases databases, ReadMasterKey readMasterKey) : IDisposable
{
    internal const string Schema = "CREATE TABLE IF NOT EXISTS user_keys (user_id TEXT PRIMARY KEY, wrapped BYTEA NOT NULL);";

    private readonly SqlDatabase _database = databases.Directory;
    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private byte[]? _masterKey;

    public async ValueTask<byte[]> GetOrCreateAsync(string userId, CancellationToken cancellationToken)
    {
        if (await FindAsync(userId, cancellationToken) is { } known)
            return known;
        var wrapped = Sealing.Seal(await MasterKeyAsync(cancellationToken), RandomNumberGenerator.GetBytes(32), Encoding.UTF8.GetBytes(userId));
        await _database.WriteAsync(
            session => session.ExecuteAsync("INSERT INTO user_keys VALUES ($1, $2) ON CONFLICT DO NOTHING", userId, wrapped), cancellationToken);
        return (await FindAsync(userId, cancellationToken))!;
    }

    public async ValueTask<byte[]?> FindAsync(string userId, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue<byte[]>(userId, out var key))
            return key;
        var wrapped = await _database.ReadAsync(
            session => session.ReadFirstAsync("SELECT wrapped FROM user_keys WHERE user_id = $1", row => row.GetFieldValue<byte[]>(0), userId),
            cancellationToken);
        if (wrapped is null)
            return null;
        key = Sealing.Open(await MasterKeyAsync(cancellationToken), wrapped, Encoding.UTF8.GetBytes(userId));
        return _keys.Set(userId, key, new MemoryCacheEntryOptions { Size = 1 });
    }

    private async ValueTask<byte[]> MasterKeyAsync(CancellationToken cancellationToken) =>
        _masterKey ??= await readMasterKey(cancellationToken);

    public void Dispose() => _keys.Dispose();
}
