using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.State;

/// <summary>
/// Encryption at rest (contract section 4): AES-GCM with the key of metadata <c>primaryEncryptionKey</c>, read also with <c>secondaryEncryptionKey</c>.
/// A stored value is base64 of nonce, cipher text and tag, then <c>||</c> and the key's name, as daprd writes it; so a value that was never encrypted
/// cannot be read any more.
/// </summary>
internal sealed class StateEncryption
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly (string Name, byte[] Key) primary;
    private readonly (string Name, byte[] Key)? secondary;

    private StateEncryption((string, byte[]) primary, (string, byte[])? secondary) => (this.primary, this.secondary) = (primary, secondary);

    /// <summary>Null when the component names no key.</summary>
    /// <exception cref="ResourceException">A key is no secret, or not 16, 24 or 32 bytes in hex.</exception>
    public static StateEncryption? Of(Component component) =>
        Key(component, "primaryEncryptionKey") is { } primary ? new StateEncryption(primary, Key(component, "secondaryEncryptionKey")) : null;

    public byte[] Encrypt(ReadOnlySpan<byte> value)
    {
        var sealedValue = new byte[NonceSize + value.Length + TagSize];
        var nonce = sealedValue.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(primary.Key, TagSize);
        aes.Encrypt(nonce, value, sealedValue.AsSpan(NonceSize, value.Length), sealedValue.AsSpan(NonceSize + value.Length));
        return Encoding.UTF8.GetBytes(Convert.ToBase64String(sealedValue) + KeyPrefix.Separator + primary.Name);
    }

    /// <exception cref="CryptographicException">The value was not encrypted with one of the keys, or was changed.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> stored)
    {
        var at = stored.LastIndexOf("||"u8);
        if (at < 0)
            throw new CryptographicException("the value carries no name of an encryption key");
        var name = Encoding.UTF8.GetString(stored[(at + 2)..]);
        var key = name == primary.Name ? primary.Key
            : name == secondary?.Name ? secondary.Value.Key
            : throw new CryptographicException($"the value was encrypted with the key {name}, which the component does not have");
        var sealedValue = new byte[Base64.GetMaxDecodedFromUtf8Length(at)];
        if (Base64.DecodeFromUtf8(stored[..at], sealedValue, out _, out var length) != System.Buffers.OperationStatus.Done || length < NonceSize + TagSize)
            throw new CryptographicException("the value is no encrypted value");
        var value = new byte[length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(sealedValue.AsSpan(0, NonceSize), sealedValue.AsSpan(NonceSize, value.Length), sealedValue.AsSpan(NonceSize + value.Length, TagSize), value);
        return value;
    }

    private static (string Name, byte[] Key)? Key(Component component, string name)
    {
        if (component[name] is not { Length: > 0 } hex)
            return null;
        var item = component.Spec.Metadata.First(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (item.SecretName is not { Length: > 0 } secret)
            throw component.Spec.Error($"metadata `{name}` is written into the file", "Put the key into a secret store and refer to it by secretKeyRef.");
        try
        {
            var key = Convert.FromHexString(hex);
            if (key.Length is 16 or 24 or 32)
                return (item.SecretKey is { Length: > 0 } inner ? inner : secret, key);
        }
        catch (FormatException)
        {
        }
        throw component.Spec.Error($"the secret of `{name}` is no AES key", "Make one with `openssl rand -hex 32`.");
    }
}
