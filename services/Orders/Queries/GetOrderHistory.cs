using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.EventSourcing;

namespace Quayside.Orders.Queries;

/// <summary>GET /api/orders/{orderId}/events: what happened (until a time), oldest first, without the private part.</summary>
internal static class GetOrderHistory
{
    public sealed record HistoryEntry(Guid EventId, string EventType, long Version, DateTimeOffset Timestamp, string? Actor, JsonElement Data);

    public static async Task<Results<Ok<Page<HistoryEntry>>, ValidationProblem, ProblemHttpResult>> HandleAsync(
        string orderId, ClaimsPrincipal user, OrderReader orders, CancellationToken cancellationToken, string? at = null)
    {
        if (!Moment.TryParse(at, out var moment))
            return Moment.Invalid;
        if (await GetOrder.FindOwnAsync(orders, orderId, moment, user, cancellationToken) is null)
            return OrderProblems.Unknown(orderId);
        var history = await orders.HistoryAsync(orderId, moment, cancellationToken);
        return TypedResults.Ok(new Page<HistoryEntry>([.. history.Select(Entry)], NextCursor: null));
    }

    private static HistoryEntry Entry(DomainEvent stored) => new(
        stored.EventId, stored.EventType, stored.Version, stored.Timestamp, stored.Metadata.Actor, JsonElement.Parse(stored.Data.Span));
}
