using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/orders/{orderId}: another customer's order is as unknown as one that does not exist.</summary>
internal static class GetOrder
{
    public static async Task<Results<Ok<OrderView>, ProblemHttpResult>> HandleAsync(
        string orderId, ClaimsPrincipal user, OrderReader orders, CancellationToken cancellationToken, bool includeDetails = false)
    {
        if (await FindOwnAsync(orders, orderId, user, cancellationToken) is not { } view)
            return OrderProblems.Unknown(orderId);
        return TypedResults.Ok((includeDetails ? view : view.WithoutDetails()) with { UserId = null });
    }

    public static async ValueTask<OrderView?> FindOwnAsync(
        OrderReader orders, string orderId, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await orders.FindAsync(orderId, cancellationToken) is { } view && (view.UserId == user.UserId || user.IsAdmin) ? view : null;
}
