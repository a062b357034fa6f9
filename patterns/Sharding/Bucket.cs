using System.Text;

namespace Quayside.Sharding;

/// <summary>
/// The fixed bucket of a key: FNV-1a 64 over its UTF-8 bytes (offset 0xcbf29ce484222325, prime 0x100000001b3), then MurmurHash3's
/// 64-bit finalizer, modulo 1,024. All arithmetic is unsigned modulo 2^64, so any language gives the same bucket.
/// </summary>
/// <remarks>"" is bucket 294, "a" 603, "order-1" 421, "Zürich" 464.</remarks>
public static class Bucket
{
    /// <summary>Never changes: what moves between shards is a bucket.</summary>
    public const int Count = 1024;

    private const ulong Offset = 0xcbf29ce484222325UL;
    private const ulong Prime = 0x100000001b3UL;

    /// <returns>0 to 1,023.</returns>
    public static int Of(string key) => (int)(Hash(key) % Count);

    public static ulong Hash(string key)
    {
        var hash = Offset;
        foreach (var character in key)
        {
            if (!char.IsAscii(character))
                return HashBytes(Encoding.UTF8.GetBytes(key));
            hash = (hash ^ character) * Prime;
        }
        return Mix(hash);
    }

    private static ulong HashBytes(byte[] utf8)
    {
        var hash = Offset;
        foreach (var value in utf8)
            hash = (hash ^ value) * Prime;
        return Mix(hash);
    }

    // FNV-1a alone leaves keys that differ in the last character close together in the low bits.
    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }
}
