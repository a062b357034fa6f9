using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;

namespace Quayside.Orders.Queries;

/// <summary>The view as a fold over events: the same for the stored view and for one that is read straight from the stream.</summary>
public static class OrderViews
{
    public static OrderView? Fold(OrderView? view, IEnumerable<DomainEvent> events) => events.Aggregate(view, Apply);

    /// <summary>An event that the view contains already changes nothing.</summary>
    public static OrderView? Apply(OrderView? view, DomainEvent stored)
    {
        if (stored.Version <= (view?.Version ?? 0))
            return view;
        var happened = OrderCodec.Instance.Decode(stored);
        return Apply(view, happened, stored) with
        {
            UpdatedAt = stored.Timestamp,
            Version = stored.Version,
            Timeline = [.. view?.Timeline ?? [], new TimelineEntry(stored.EventType, stored.Timestamp)],
        };
    }

    private static OrderView Apply(OrderView? view, OrderEvent happened, DomainEvent stored)
    {
        if (happened is OrderEvent.Created e)
            return new(e.OrderId, OrderStatus.Pending, e.Total, stored.Timestamp, stored.Timestamp, 1, Lines: e.Lines) { UserId = e.UserId };
        if (view is null)
            throw new InvalidOperationException($"The stream {stored.AggregateId} does not begin with {OrderEvents.Created}");
        return happened switch
        {
            OrderEvent.ApprovalRequested => view with { Approval = ApprovalState.Awaited },
            OrderEvent.Approved => view with { Approval = ApprovalState.Approved },
            OrderEvent.Rejected => view with { Approval = ApprovalState.Rejected },
            OrderEvent.ApprovalExpired => view with { Approval = ApprovalState.Expired },
            OrderEvent.CancellationRequested => view with { CancellationRequested = true },
            OrderEvent.PaymentCharged charged => view with { Payment = new("charged", charged.Amount) },
            OrderEvent.PaymentRefunded refunded => view with { Payment = new("refunded", refunded.Amount) },
            OrderEvent.Confirmed => view with { Status = OrderStatus.Confirmed },
            OrderEvent.ShipmentCreated created => view with { Shipment = new("created", created.TrackingId) },
            OrderEvent.ShipmentCancelled => view with { Shipment = new("cancelled", view.Shipment?.TrackingId) },
            OrderEvent.Shipped shipped => view with { Status = OrderStatus.Shipped, Shipment = new("shipped", shipped.TrackingId) },
            OrderEvent.Cancelled cancelled => view with { Status = OrderStatus.Cancelled, Reason = cancelled.Reason },
            _ => view,
        };
    }
}
