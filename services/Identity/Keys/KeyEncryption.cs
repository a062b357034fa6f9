using System.Security.Cryptography;
using System.Text;
using Dapr.Client;

namespace Quayside.Identity.Keys;

/// <summary>Keys derived from the one secret that Identity is given; each purpose has its own.</summary>
public sealed class KeyEncryption(DaprClient dapr) : IDisposable
{
    private const string Secret = "identity-key-encryption-key";
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly SemaphoreSlim reading = new(1, 1);
    private byte[]? secret;

    /// <returns>32 bytes for <paramref name="purpose"/>.</returns>
    public async ValueTask<byte[]> DeriveAsync(string purpose, CancellationToken cancellation) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret ?? await ReadAsync(cancellation), 32, info: Encoding.UTF8.GetBytes(purpose));

    /// <returns>Nonce, ciphertext and tag of AES-256-GCM; readable again only under the same name.</returns>
    public async Task<byte[]> WrapAsync(byte[] plain, string name, CancellationToken cancellation)
    {
        var wrapped = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceSize));
        using var aes = new AesGcm(await DeriveAsync("signing keys", cancellation), TagSize);
        aes.Encrypt(wrapped.AsSpan(0, NonceSize), plain, wrapped.AsSpan(NonceSize, plain.Length), wrapped.AsSpan(NonceSize + plain.Length), Encoding.UTF8.GetBytes(name));
        return wrapped;
    }

    /// <exception cref="AuthenticationTagMismatchException">Wrapped with another secret or for another name, or damaged.</exception>
    public async Task<byte[]> UnwrapAsync(byte[] wrapped, string name, CancellationToken cancellation)
    {
        var plain = new byte[wrapped.Length - NonceSize - TagSize];
        using var aes = new AesGcm(await DeriveAsync("signing keys", cancellation), TagSize);
        aes.Decrypt(wrapped.AsSpan(0, NonceSize), wrapped.AsSpan(NonceSize, plain.Length), wrapped.AsSpan(NonceSize + plain.Length), plain, Encoding.UTF8.GetBytes(name));
        return plain;
    }

    public void Dispose() => reading.Dispose();

    private async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            if (secret is not null) return secret;
            var found = await dapr.GetSecretAsync("secretstore", Secret, cancellationToken: cancellation);
            var text = found.Values.FirstOrDefault();
            if (text is not { Length: >= 16 })
                throw new InvalidOperationException($"The secret {Secret} of the component secretstore must have 16 characters at least.");
            return secret = Encoding.UTF8.GetBytes(text);
        }
        finally
        {
            reading.Release();
        }
    }
}
