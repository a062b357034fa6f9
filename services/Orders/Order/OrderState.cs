using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Orders.Order;

/// <summary>An order as its events made it.</summary>
/// <param name="Status">Null until it is created.</param>
/// <param name="Done">Steps that stand, in the order in which they were done.</param>
/// <param name="Undone">Steps that were undone; final.</param>
public sealed record OrderState(
    string OrderId,
    string UserId,
    OrderStatus? Status,
    DateTimeOffset CreatedAt,
    IReadOnlyList<OrderLine> Lines,
    Money Total,
    ReadOnlyMemory<byte> Sealed,
    ApprovalState Approval,
    bool CancellationRequested,
    bool ShippingStarted,
    string? TrackingId,
    string? CancelReason,
    IReadOnlyList<OrderStep> Done,
    IReadOnlyList<OrderStep> Undone)
{
    public static readonly OrderState None = new(
        "", "", null, default, [], Money.Euro(0), default, ApprovalState.NotNeeded, false, false, null, null, [], []);

    public bool Exists => Status is not null;

    public bool IsFinal => Status?.IsFinal() == true;

    public bool Has(OrderStep step) => Done.Contains(step);

    public static OrderState Evolve(OrderState order, OrderEvent happened) => happened switch
    {
        OrderEvent.Created e => None with
        {
            OrderId = e.OrderId, UserId = e.UserId, Status = OrderStatus.Pending, CreatedAt = e.Timestamp,
            Lines = e.Lines, Total = e.Total, Sealed = e.Sealed,
        },
        OrderEvent.ApprovalRequested => order with { Approval = ApprovalState.Awaited },
        OrderEvent.Approved => order with { Approval = ApprovalState.Approved },
        OrderEvent.Rejected => order with { Approval = ApprovalState.Rejected },
        OrderEvent.ApprovalExpired => order with { Approval = ApprovalState.Expired },
        OrderEvent.CancellationRequested => order with { CancellationRequested = true },
        OrderEvent.ItemsReserved => order.WithDone(OrderStep.ReserveItems),
        OrderEvent.PaymentCharged => order.WithDone(OrderStep.ChargeCard),
        OrderEvent.Confirmed => order with { Status = OrderStatus.Confirmed },
        OrderEvent.ShippingStarted => order with { ShippingStarted = true },
        OrderEvent.ShipmentCreated e => order.WithDone(OrderStep.CreateShipment) with { TrackingId = e.TrackingId },
        OrderEvent.StockCommitted => order.WithDone(OrderStep.CommitStock),
        OrderEvent.Shipped => order with { Status = OrderStatus.Shipped },
        OrderEvent.ShipmentCancelled => order.WithUndone(OrderStep.CreateShipment),
        OrderEvent.PaymentRefunded => order.WithUndone(OrderStep.ChargeCard),
        OrderEvent.ItemsReleased => order.WithUndone(OrderStep.ReserveItems),
        OrderEvent.Cancelled e => order with { Status = OrderStatus.Cancelled, CancelReason = e.Reason },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not an event of an order"),
    };

    private OrderState WithDone(OrderStep step) => this with { Done = [.. Done, step] };

    private OrderState WithUndone(OrderStep step) => this with { Done = [.. Done.Where(s => s != step)], Undone = [.. Undone, step] };
}
