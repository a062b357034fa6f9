using Quayside.EventSourcing.Sql;
using Quayside.Orders.Queries;
using Quayside.Orders.Storage;
using Quayside.Sharding;
using Quayside.Sharding.Resharding;

namespace Quayside.Orders.Resharding;

/// <summary>Buckets and orders of each shard, how even that is, how even the textbook's hash would be, and what is moving.</summary>
/// <param name="Skew">The fullest shard over the average: 1 is perfect.</param>
/// <param name="Baseline">The same orders by a 31-hash modulo the number of shards.</param>
/// <param name="Resharding">The one that is running, or the last; null if there was none.</param>
public sealed record ShardReport(IReadOnlyList<ShardLoad> Shards, double Skew, Baseline Baseline, ReshardingProgress? Resharding);

public sealed record Baseline(IReadOnlyList<long> Keys, double Skew);

/// <param name="MovedShare">Of all buckets, when it is finished.</param>
public sealed record ReshardingProgress(
    int Shards, string Status, int BucketsMoved, int BucketsToMove, double MovedShare, string? By, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

internal static class ShardReports
{
    private const int Ids = 5_000;

    public static async Task<ShardReport> ReadAsync(Shards shards, CancellationToken cancellationToken)
    {
        var state = await shards.Directory.ReadAsync(cancellationToken);
        var balance = BalanceReport.Of(state.Map, await shards.ReadAllAsync(OrderViewTable.CountAsync, cancellationToken));
        var modulo = new long[balance.Shards.Count];
        foreach (var counts in await shards.ReadAllAsync(session => CountByModuloAsync(session, modulo.Length), cancellationToken))
        {
            for (var shard = 0; shard < modulo.Length; shard++)
                modulo[shard] += counts[shard];
        }
        return new(balance.Shards, balance.Skew, new(modulo, BalanceReport.SkewOf(modulo)), Progress(state));
    }

    private static async ValueTask<long[]> CountByModuloAsync(SqlSession session, int shards)
    {
        var counts = new long[shards];
        for (var after = ""; await OrderViewTable.IdsAsync(session, after, Ids) is { Count: > 0 } ids; after = ids[^1])
        {
            foreach (var id in ids)
                counts[ModuloSharding.ShardOf(id, shards)]++;
        }
        return counts;
    }

    private static ReshardingProgress? Progress(ReshardingState state) => state.Target is not { } target ? null : new(
        target.Shards, state.IsRunning ? "running" : "finished", state.Total - state.Left, state.Total, state.Total / (double)Bucket.Count,
        state.Actor, state.StartedAt, state.FinishedAt);
}
