using System.Security.Cryptography;
using System.Text;

namespace Quayside.ServiceDefaults.Ids;

/// <summary>Ids that follow from what they name: the same request makes the same id, wherever and however often it arrives.</summary>
public static class NameBasedUuid
{
    /// <returns>UUIDv5 (RFC 9562, section 5.5) of the UTF-8 bytes of <paramref name="name"/> in the namespace <paramref name="space"/>.</returns>
    public static Guid Create(Guid space, string name)
    {
        var bytes = new byte[16 + Encoding.UTF8.GetByteCount(name)];
        space.TryWriteBytes(bytes, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(16));
#pragma warning disable CA5350 // UUIDv5 is defined on SHA-1; it names, it does not protect
        var hash = SHA1.HashData(bytes).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
