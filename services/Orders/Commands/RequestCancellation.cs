using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Commands;

/// <summary>DELETE /api/orders/{orderId}: asks; the saga undoes what was done and cancels.</summary>
internal static class RequestCancellation
{
    public static async Task<Results<Accepted<OrderAccepted>, ProblemHttpResult>> HandleAsync(
        string orderId, ClaimsPrincipal user, OrderRunner orders, HttpContext context, CancellationToken cancellationToken)
    {
        var order = (await orders.LoadAsync(orderId, cancellationToken)).State;
        if (!order.Exists || (order.UserId != user.UserId && !user.IsAdmin))
            return OrderProblems.Unknown(orderId);
        var asked = await orders.HandleAsync(
            orderId, new OrderCommand.RequestCancellation(user.UserId),
            new EventMetadata(Activity.Current?.Id, CorrelationId: orderId, Actor: user.UserId), cancellationToken);
        return asked.Refusal is { } refusal
            ? OrderProblems.Refused(refusal.Reason)
            : OrderAccepted.Answer(context, orderId, asked.State.Status ?? OrderStatus.Pending, asked.Version);
    }
}
