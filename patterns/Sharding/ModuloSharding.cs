namespace Quayside.Sharding;

/// <summary>
/// The textbook choice, kept as the baseline: a 31-hash of UTF-16 units modulo the number of shards. Going from n to n + 1 shards
/// moves n of n + 1 keys, and keys with a common pattern pile up; a table of buckets moves 1 of n + 1.
/// </summary>
public static class ModuloSharding
{
    public static int ShardOf(string key, int shards)
    {
        var hash = 0;
        foreach (var unit in key)
            hash = unchecked((hash << 5) - hash + unit);
        return (int)(Math.Abs((long)hash) % shards);
    }
}
