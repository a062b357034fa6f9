using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.Orders.Queries;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Live;

/// <summary>GET /api/orders/{orderId}/stream: the order's status now and each change of it as a server-sent event, until it is final.</summary>
internal static class StreamOrder
{
    public const string LastEventId = "Last-Event-ID";

    /// <remarks>204 to a reader who has seen the end: it tells a browser not to come back.</remarks>
    public static async Task<Results<ServerSentEventsResult<OrderChange>, NoContent, ValidationProblem, ProblemHttpResult>> HandleAsync(
        string orderId,
        [FromHeader(Name = LastEventId)] string? lastEventId,
        ClaimsPrincipal user,
        OrderReader orders,
        OpenStreams streams,
        OrderFeed feed,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var seen = 0L;
        if (!string.IsNullOrEmpty(lastEventId) && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out seen))
            return OrderProblems.Invalid(LastEventId, "is not the id of an event of this stream");
        if (await GetOrder.FindOwnAsync(orders, orderId, at: null, user, cancellationToken) is not { } order)
            return OrderProblems.Unknown(orderId);
        if (order.IsFinal && seen >= order.Version)
            return TypedResults.NoContent();
        if (streams.TryOpen(user.UserId) is not { } place)
            return OrderProblems.TooManyStreams(context);
        context.Response.RegisterForDispose(place);
        return TypedResults.ServerSentEvents(feed.FollowAsync(orderId, seen, TokenExpires(user), context, cancellationToken));
    }

    private static DateTimeOffset TokenExpires(ClaimsPrincipal user) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(user.FindFirstValue("exp")!, CultureInfo.InvariantCulture));
}
