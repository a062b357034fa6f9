using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Orders.Storage;
using Quayside.Sharding;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/admin/shards: buckets and orders of each shard, and how even that is.</summary>
internal static class ShardReport
{
    public static async Task<Ok<BalanceReport>> HandleAsync(Shards shards, CancellationToken cancellationToken) =>
        TypedResults.Ok(BalanceReport.Of(shards.Map, await shards.ReadAllAsync(OrderViewTable.CountAsync, cancellationToken)));
}
