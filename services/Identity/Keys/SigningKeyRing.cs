using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Store;

namespace Quayside.Identity.Keys;

/// <summary>The signing keys, one document in the store, read again each minute: whoever asks first when a key is due makes it.</summary>
public sealed class SigningKeyRing(IdentityStore store, KeyEncryption encryption, TimeProvider time) : IDisposable
{
    private const string Key = "signing-keys";
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
        if (document is null || document.IsDue(now))
        {
            var made = await MakeAsync(cancellation);
            document = await store.ChangeAsync<KeyDocument, KeyDocument>(Key, stored =>
            {
                var renewed = KeyDocument.Renew(stored, made, now);
                return (ReferenceEquals(renewed, stored) ? null : renewed, renewed);
            }, null, cancellation);
        }

        var signer = document.SignerAt(now);
        if (current?.Signer.KeyId == signer.Kid) return current with { ReadAt = now, Document = document };
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(await encryption.UnwrapAsync(signer.WrappedPrivate, signer.Kid, cancellation), out _);
        return new Ring(document, new ECDsaSecurityKey(key) { KeyId = signer.Kid }, now);
    }

    private async Task<StoredKey> MakeAsync(CancellationToken cancellation)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var kid = Base64UrlEncoder.Encode(SHA256.HashData([.. point.X!, .. point.Y!]).AsSpan(0, 12).ToArray());
        return new StoredKey(kid, default, point.X!, point.Y!, await encryption.WrapAsync(key.ExportPkcs8PrivateKey(), kid, cancellation));
    }

    internal sealed record Ring(KeyDocument Document, ECDsaSecurityKey Signer, DateTimeOffset ReadAt);
}
