using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Orders.Storage;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/orders: the caller's own, newest first. The order of each shard's page is merged; a page costs one read a shard.</summary>
internal static class ListOrders
{
    private const int MaxLimit = 100;

    public static async Task<Results<Ok<Page<OrderSummary>>, ValidationProblem>> HandleAsync(
        ClaimsPrincipal user, Shards shards, CancellationToken cancellationToken, int limit = 20, string? cursor = null)
    {
        if (limit is < 1 or > MaxLimit)
            return OrderProblems.Invalid("limit", $"must be 1 to {MaxLimit}");
        if (!TryParse(cursor, out var before))
            return OrderProblems.Invalid("cursor", "is not a cursor of this list");
        var rows = await shards.ReadRowsAsync(
            session => OrderViewTable.OfUserAsync(session, user.UserId, before.Ticks, before.OrderId, limit + 1), cancellationToken);
        var found = rows.OrderByDescending(order => order.CreatedAt).ThenByDescending(order => order.OrderId, StringComparer.Ordinal)
            .Take(limit + 1).ToList();
        if (found.Count <= limit)
            return TypedResults.Ok(new Page<OrderSummary>(found, null));
        var last = found[limit - 1];
        return TypedResults.Ok(new Page<OrderSummary>(found[..limit], Format(last.CreatedAt.UtcTicks, last.OrderId)));
    }

    private static string Format(long ticks, string orderId) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ticks}:{orderId}")));

    private static bool TryParse(string? cursor, out (long Ticks, string OrderId) before)
    {
        before = (long.MaxValue, "");
        if (cursor is null)
            return true;
        if (!Base64Url.IsValid(cursor))
            return false;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':');
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
            return false;
        before = (ticks, parts[1]);
        return true;
    }
}
