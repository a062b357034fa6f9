using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/orders: the caller's own, newest first. The order of each shard's page is merged; a page costs one read a shard.</summary>
internal static class ListOrders
{
    private const int MaxLimit = 100;
    private static readonly (long Ticks, string OrderId)? Newest = (long.MaxValue, "");

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
        if ((cursor is null ? Newest : OpaqueToken.Parse(cursor)) is not var (beforeTicks, beforeId))
            return OrderProblems.Invalid("cursor", "is not a cursor of this list");
        if (seen is not null)
        {
            if (ConsistencyToken.Parse(seen) is not { } token)
                return OrderProblems.Invalid(ConsistencyToken.Header, "is not a token that a command has answered with");
            if (!await orders.ReachAsync(token, cancellationToken))
                return OrderProblems.Behind(context);
        }
        var found = await orders.ListAsync(user.UserId, beforeTicks, beforeId, limit + 1, cancellationToken);
        if (found.Count <= limit)
            return TypedResults.Ok(new Page<OrderSummary>(found, null));
        var last = found[limit - 1];
        return TypedResults.Ok(new Page<OrderSummary>(found[..limit], OpaqueToken.Format(last.CreatedAt.UtcTicks, last.OrderId)));
    }
}
