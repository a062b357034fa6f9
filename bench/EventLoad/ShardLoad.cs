using System.Diagnostics;
using Quayside.Sharding;

namespace Quayside.Bench.EventLoad;

internal static class ShardLoad
{
    private const int Ids = 1_000_000;

    public static void Run()
    {
        var ids = Enumerable.Range(0, Ids).Select(_ => Guid.NewGuid().ToString()).ToArray();
        foreach (var shards in new[] { 4, 64 })
        {
            var map = BucketMap.Even(shards);
            var counts = Count(ids, map.ShardOf, shards);
            var (clock, sum) = (Stopwatch.StartNew(), 0);
            foreach (var id in ids)
                sum += map.ShardOf(id);
            var choice = clock.Elapsed;
            GC.KeepAlive(sum);
            var modulo = BalanceReport.SkewOf(Count(ids, id => ModuloSharding.ShardOf(id, shards), shards));
            Console.WriteLine(
                $"{shards} shards, {Ids:N0} ids: {choice.TotalNanoseconds / Ids:N0} ns a choice, fullest over average {BalanceReport.SkewOf(counts):N4} (modulo hash {modulo:N4})");
        }
    }

    private static long[] Count(string[] ids, Func<string, int> shardOf, int shards)
    {
        var counts = new long[shards];
        foreach (var id in ids)
            counts[shardOf(id)]++;
        return counts;
    }
}
