using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;

namespace Quayside.Orders.Commands;

/// <summary>Commands of the saga. A refusal is an answer with status 200: a breaker counts everything else as a failure.</summary>
internal static class SagaCommands
{
    private const string Saga = "workflows";

    public static void MapSagaCommands(this RouteGroupBuilder group)
    {
        group.MapPost("/record-step", (RecordStep c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.RecordDone(c.Step, c.TrackingId), token));
        group.MapPost("/record-compensation", (RecordCompensation c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.RecordUndone(c.Step, c.Happened), token));
        group.MapPost("/confirm", (ConfirmOrder c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.Confirm(), token));
        group.MapPost("/start-shipping", (StartShipping c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.StartShipping(), token));
        group.MapPost("/mark-shipped", (MarkShipped c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.MarkShipped(), token));
        group.MapPost("/cancel", (CancelOrder c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.Cancel(c.Reason), token));
        group.MapPost("/expire-approval", (ExpireApproval c, OrderRunner orders, CancellationToken token) =>
            HandleAsync(orders, c.OrderId, c.CommandId, new OrderCommand.ExpireApproval(), token));
    }

    private static async Task<Ok<OrderCommandResult>> HandleAsync(
        OrderRunner orders, string orderId, string commandId, OrderCommand command, CancellationToken cancellationToken)
    {
        var metadata = new EventMetadata(Activity.Current?.Id, orderId, CausationId: commandId, commandId, Saga);
        var handled = await orders.HandleAsync(orderId, command, metadata, cancellationToken);
        var outcome = handled.Refusal switch
        {
            null => OrderOutcome.Done,
            { UnknownOrder: true } => OrderOutcome.UnknownOrder,
            _ => OrderOutcome.Refused,
        };
        return TypedResults.Ok(new OrderCommandResult(
            outcome, handled.Refusal?.Reason, handled.State.Status, handled.State.CancellationRequested, handled.Version));
    }
}
