using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Orders.Storage;
using Quayside.Sharding;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/admin/shards: buckets and orders of each shard, and how even that is.</summary>
internal static class ShardReport
{
    public static Ok<BalanceReport> Handle(Shards shards) => TypedResults.Ok(
        BalanceReport.Of(shards.Map, [.. shards.Stores.Select(store => store.Database.Read(OrderViewTable.Count))]));
}
