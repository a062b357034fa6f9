using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/orders/{orderId}: another customer's order is as unknown as one that does not exist.</summary>
internal static class GetOrder
{
    /// <param name="at">Shows the order as it was at that time.</param>
    public static async Task<Results<Ok<OrderView>, StatusCodeHttpResult, ValidationProblem, ProblemHttpResult>> HandleAsync(
        string orderId, ClaimsPrincipal user, OrderReader orders, HttpContext context, CancellationToken cancellationToken, bool includeDetails = false, string? at = null)
    {
        if (!Moment.TryParse(at, out var moment))
            return Moment.Invalid;
        if (await FindOwnAsync(orders, orderId, moment, user, cancellationToken) is not { } view)
            return OrderProblems.Unknown(orderId);
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{view.Version}{(includeDetails ? "d" : "")}\""));
        context.Response.GetTypedHeaders().ETag = tag;
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok((includeDetails ? view : view.WithoutDetails()) with { UserId = null });
    }

    public static async ValueTask<OrderView?> FindOwnAsync(
        OrderReader orders, string orderId, DateTimeOffset? at, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var found = at is null ? await orders.FindAsync(orderId, cancellationToken) : await orders.FindAsync(orderId, at.Value, cancellationToken);
        return found is { } view && (view.UserId == user.UserId || user.IsAdmin) ? view : null;
    }
}
