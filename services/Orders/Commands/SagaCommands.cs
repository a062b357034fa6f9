using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;
using Quayside.Orders.Privacy;

namespace Quayside.Orders.Commands;

/// <summary>Commands of the workflows app: those of the saga, and an admin's decision. A refusal is an answer with status 200: a breaker counts everything else as a failure.</summary>
internal static class SagaCommands
{
    private const string Saga = "workflows";

    public static void MapSagaCommands(this RouteGroupBuilder group)
    {
        group.MapPost("/record-step", (RecordStep c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.RecordDone(c.Step, c.TrackingId), token));
        group.MapPost("/record-compensation", (RecordCompensation c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.RecordUndone(c.Step, c.Happened), token));
        group.MapPost("/start-shipping", StartShippingAsync);
        group.MapPost("/cancel", (CancelOrder c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.Cancel(c.Reason), token));
        group.MapPost("/expire-approval", (ExpireApproval c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.ExpireApproval(), token));
        group.MapPost("/approve", (ApproveOrder c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.Approve(c.By), token, c.By));
        group.MapPost("/reject", (RejectOrder c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.Reject(c.By, c.Reason), token, c.By));
    }

    private static async Task<Ok<StartShippingResult>> StartShippingAsync(
        StartShipping c, OrderRunner orders, PrivateData privacy, CancellationToken cancellationToken)
    {
        var order = (await orders.LoadAsync(c.OrderId, cancellationToken)).State;
        // Read before the command: an order whose address is destroyed must not come to where it can only go forward.
        var secret = order.Exists ? await privacy.OpenAsync(order.UserId, order.OrderId, order.Sealed, cancellationToken) : null;
        if (order.Exists && secret is null)
            return TypedResults.Ok(new StartShippingResult(OrderOutcome.Refused, OrderReasons.CustomerDeleted, null));
        var handled = await RunAsync(orders, c.OrderId, c.CommandId, new OrderCommand.StartShipping(), cancellationToken);
        return TypedResults.Ok(new StartShippingResult(Outcome(handled.Refusal), handled.Refusal?.Reason, handled.Refusal is null ? secret?.ShipTo : null));
    }

    private static async Task<Ok<OrderCommandResult>> HandleAsync(
        OrderRunner orders, string orderId, string commandId, OrderCommand command, CancellationToken cancellationToken, string actor = Saga)
    {
        var handled = await RunAsync(orders, orderId, commandId, command, cancellationToken, actor);
        return TypedResults.Ok(new OrderCommandResult(
            Outcome(handled.Refusal), handled.Refusal?.Reason, handled.State.Status, handled.State.CancellationRequested, handled.Version));
    }

    private static Task<Handled<OrderState, OrderRefusal>> RunAsync(
        OrderRunner orders, string orderId, string commandId, OrderCommand command, CancellationToken cancellationToken, string actor = Saga) =>
        orders.HandleAsync(orderId, command, new EventMetadata(Activity.Current?.Id, orderId, CausationId: commandId, commandId, actor), cancellationToken);

    private static OrderOutcome Outcome(OrderRefusal? refusal) => refusal switch
    {
        null => OrderOutcome.Done,
        { UnknownOrder: true } => OrderOutcome.UnknownOrder,
        _ => OrderOutcome.Refused,
    };
}
