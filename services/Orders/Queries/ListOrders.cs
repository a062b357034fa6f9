using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/orders: the caller's own, newest first. The order of each shard's page is merged; a page costs one read a shard.</summary>
internal static class ListOrders
{
    private const int MaxLimit = 100;

    public static async Task<Results<Ok<Page<OrderSummary>>, ValidationProblem, ProblemHttpResult>> HandleAsync(
        ClaimsPrincipal user,
        OrderReader orders,
        HttpContext context,
        [FromHeader(Name = ConsistencyToken.Header)] string? seen,
        CancellationToken cancellationToken,
        int limit = 20,
        string? cursor = null)
    {
        if (limit is < 1 or > MaxLimit)
            return OrderProblems.Invalid("limit", $"must be 1 to {MaxLimit}");
        if (!TryParse(cursor, out var before))
            return OrderProblems.Invalid("cursor", "is not a cursor of this list");
        if (seen is not null)
        {
            if (!ConsistencyToken.TryParse(seen, out var token))
                return OrderProblems.Invalid(ConsistencyToken.Header, "is not a token that a command has answered with");
            if (!await orders.ReachAsync(token, cancellationToken))
                return OrderProblems.Behind(context);
        }
        var found = await orders.ListAsync(user.UserId, before.Ticks, before.OrderId, limit + 1, cancellationToken);
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
