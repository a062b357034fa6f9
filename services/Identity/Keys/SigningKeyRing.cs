using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Store;

namespace Quayside.Identity.Keys;

/// <summary>A P-256 key: public in the clear, private wrapped.</summary>
internal sealed record StoredKey(string Kid, DateTimeOffset CreatedAt, byte[] X, byte[] Y, byte[] WrappedPrivate);

internal sealed record KeyDocument(IReadOnlyList<StoredKey> Keys);

/// <summary>
/// The signing keys, one document in the store. The newest signs; a new one is made every 30 days, and the one before stays
/// for a day so that its last tokens can be verified. Verifiers read again when they meet a kid that they do not know.
/// </summary>
public sealed class SigningKeyRing(IdentityStore store, KeyEncryption encryption, TimeProvider time) : IDisposable
{
    private const string Key = "signing-keys";
    private static readonly TimeSpan Term = TimeSpan.FromDays(30);
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    // Another replica may have made a key.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim loading = new(1, 1);
    private volatile Ring? current;

    internal async ValueTask<Ring> GetAsync(CancellationToken cancellation)
    {
        if (current is { } ring && time.GetUtcNow() < ring.ReadAt + Fresh) return ring;
        await loading.WaitAsync(cancellation);
        try
        {
            if (current is { } read && time.GetUtcNow() < read.ReadAt + Fresh) return read;
            return current = await LoadAsync(cancellation);
        }
        finally
        {
            loading.Release();
        }
    }

    public void Dispose() => loading.Dispose();

    private async Task<Ring> LoadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var document = await store.FindAsync<KeyDocument>(Key, cancellation);
        if (document is null || document.Keys[0].CreatedAt + Term <= now)
        {
            var made = await MakeAsync(now, cancellation);
            document = await store.ChangeAsync<KeyDocument, KeyDocument>(Key, stored => Add(stored, made, now), null, cancellation);
        }

        var newest = document.Keys[0];
        if (current?.Signer.KeyId == newest.Kid) return current with { ReadAt = now, Document = document };
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(await encryption.UnwrapAsync(newest.WrappedPrivate, newest.Kid, cancellation), out _);
        return new Ring(document, new ECDsaSecurityKey(key) { KeyId = newest.Kid }, now);
    }

    // Of two replicas that find no key both make one; the first to write wins, the other takes it.
    private static (KeyDocument? Change, KeyDocument Result) Add(KeyDocument? stored, StoredKey made, DateTimeOffset now)
    {
        if (stored is not null && stored.Keys[0].CreatedAt + Term > now) return (null, stored);
        var before = stored?.Keys ?? [];
        var changed = new KeyDocument([made, .. before.Where(k => k.CreatedAt + Term + Overlap > now || k == before[0])]);
        return (changed, changed);
    }

    private async Task<StoredKey> MakeAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var kid = Base64UrlEncoder.Encode(SHA256.HashData([.. point.X!, .. point.Y!]).AsSpan(0, 12).ToArray());
        return new StoredKey(kid, now, point.X!, point.Y!, await encryption.WrapAsync(key.ExportPkcs8PrivateKey(), kid, cancellation));
    }

    internal sealed record Ring(KeyDocument Document, ECDsaSecurityKey Signer, DateTimeOffset ReadAt);
}
