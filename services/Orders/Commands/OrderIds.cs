using System.Security.Cryptography;
using System.Text;

namespace Quayside.Orders.Commands;

/// <summary>The id of an order follows from who ordered under which key, so that repeating a request cannot make a second order.</summary>
internal static class OrderIds
{
    /// <returns>UUIDv5 (RFC 9562) of the key in the namespace of the user; a user id that is no UUID is made one in the same way.</returns>
    public static string From(string userId, string idempotencyKey) =>
        Version5(Guid.TryParse(userId, out var user) ? user : Version5(Guid.Empty, userId), idempotencyKey).ToString();

    internal static Guid Version5(Guid space, string name)
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
