using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Orders.Commands;

/// <summary>The body of POST /api/orders/{orderId}/approval, for admins.</summary>
public sealed record ApprovalDecision(bool Approved, string? Reason = null);

internal static class DecideApproval
{
    public static async Task<Results<Accepted<OrderAccepted>, ProblemHttpResult>> HandleAsync(
        string orderId, ApprovalDecision decision, ClaimsPrincipal user, OrderRunner orders, CancellationToken cancellationToken)
    {
        OrderCommand command = decision.Approved
            ? new OrderCommand.Approve(user.UserId)
            : new OrderCommand.Reject(user.UserId, decision.Reason);
        var decided = await orders.HandleAsync(
            orderId, command, new EventMetadata(Activity.Current?.Id, CorrelationId: orderId, Actor: user.UserId), cancellationToken);
        return decided.Refusal switch
        {
            null => TypedResults.Accepted($"/api/orders/{orderId}", new OrderAccepted(orderId, decided.State.Status ?? OrderStatus.Pending)),
            { UnknownOrder: true } => OrderProblems.Unknown(orderId),
            var refusal => OrderProblems.Refused(refusal.Reason),
        };
    }
}
