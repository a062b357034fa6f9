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

    /// <summary>So long another replica may still read what was sealed with a key that was destroyed.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly SqlDatabase _database = databases.Directory;
    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private byte[]? _masterKey;

    /// <returns>Null if the user was deleted: nothing more is sealed for him, though what was may still be readable.</returns>
    public async ValueTask<byte[]?> GetOrCreateAsync(string userId, CancellationToken cancellationToken)
    {
        if (await IsForgottenAsync(userId, cancellationToken))
            return null;
        if (await FindAsync(userId, cancellationToken) is { } known)
            return known;
        var made = Sealing.Seal(await MasterKeyAsync(cancellationToken), RandomNumberGenerator.GetBytes(32), Encoding.UTF8.GetBytes(userId));
        await _database.WriteAsync(
            session => session.ExecuteAsync(
                "INSERT INTO user_keys SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM forgotten_users WHERE user_id = $1) ON CONFLICT DO NOTHING", userId, made),
            cancellationToken);
        return await FindAsync(userId, cancellationToken);
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
        return _keys.Set(userId, key, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Remembered });
    }

    public void Forget(string userId) => _keys.Remove(userId);

    private async ValueTask<bool> IsForgottenAsync(string userId, CancellationToken cancellationToken) =>
        await _database.ReadAsync(session => session.ReadLongAsync("SELECT 1 FROM forgotten_users WHERE user_id = $1", userId), cancellationToken) is not null;

    private async ValueTask<byte[]> MasterKeyAsync(CancellationToken cancellationToken) =>
        _masterKey ??= await readMasterKey(cancellationToken);

    public void Dispose() => _keys.Dispose();
}
