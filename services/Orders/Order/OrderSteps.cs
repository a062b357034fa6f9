using Quayside.Contracts.Orders;
using Decision = Quayside.EventSourcing.Decision<Quayside.Contracts.Orders.OrderEvent, Quayside.Orders.Order.OrderRefusal>;

namespace Quayside.Orders.Order;

/// <summary>Steps at the participants: done in this order, undone in reverse, an undone step never done again.</summary>
internal static class OrderSteps
{
    private static readonly OrderStep[] InOrder = [OrderStep.ReserveItems, OrderStep.ChargeCard, OrderStep.CreateShipment, OrderStep.CommitStock];

    /// <summary>Why a step may not start, or be tried again; null: it may.</summary>
    public static string? WhyNotStart(OrderState order, OrderStep step) => order.Has(step) && !order.IsFinal
        ? null
        : OrderDecider.WhyStop(order) ?? WhyNotAgain(order, step) ?? WhyNotYet(order, step);

    /// <summary>A saga that starts anew finds what the one before has undone. Customers read the reason.</summary>
    public static string? WhyNotAgain(OrderState order, OrderStep step) => order.Undone.Contains(step) ? OrderReasons.Exhausted : null;

    public static Decision RecordDone(OrderState order, OrderCommand.RecordDone record)
    {
        var step = record.Step;
        if (order.Has(step))
            return Array.Empty<OrderEvent>();
        if (order.Undone.Contains(step))
            return new OrderRefusal($"{step} was undone");
        if (order.IsFinal)
            return new OrderRefusal("the order is final");
        // Cancelled or not, what a participant did is recorded, so that it can be undone.
        if (WhyNotYet(order, step) is { } reason)
            return new OrderRefusal(reason);
        var done = Done(order, step, record.TrackingId);
        return step switch
        {
            OrderStep.ChargeCard when OrderDecider.WhyStop(order) is null => new[] { done, new OrderEvent.Confirmed(order.OrderId, order.UserId, order.Total) },
            OrderStep.CommitStock => new[] { done, new OrderEvent.Shipped(order.OrderId, order.UserId, order.Total, order.TrackingId) },
            _ => done,
        };
    }

    public static Decision RecordUndone(OrderState order, OrderCommand.RecordUndone record)
    {
        var step = record.Step;
        if (order.Undone.Contains(step) || order.Status is OrderStatus.Cancelled)
            return Array.Empty<OrderEvent>();
        if (step is OrderStep.CommitStock)
            return new OrderRefusal("committed stock is not taken back");
        if (order.Done.FirstOrDefault(other => other > step) is var later and not 0)
            return new OrderRefusal($"{later} stands");
        if (order.Has(step))
            return Undone(order, step);
        if (!record.Happened)
            return Array.Empty<OrderEvent>();
        // Done, and undone before anybody could record it: the history shows both.
        return WhyNotYet(order, step) is { } reason ? new OrderRefusal(reason) : new[] { Done(order, step, null), Undone(order, step) };
    }

    private static string? WhyNotYet(OrderState order, OrderStep step)
    {
        if (InOrder.FirstOrDefault(before => before < step && !order.Has(before)) is var missing and not 0)
            return $"{missing} is not done";
        return step is OrderStep.CreateShipment && !order.ShippingStarted ? "shipping has not started" : null;
    }

    private static OrderEvent Done(OrderState order, OrderStep step, string? trackingId) => step switch
    {
        OrderStep.ReserveItems => new OrderEvent.ItemsReserved(order.OrderId),
        OrderStep.ChargeCard => new OrderEvent.PaymentCharged(order.OrderId, order.Total),
        OrderStep.CreateShipment => new OrderEvent.ShipmentCreated(order.OrderId, trackingId),
        OrderStep.CommitStock => new OrderEvent.StockCommitted(order.OrderId),
        _ => throw new InvalidOperationException($"{step} is not a step"),
    };

    private static OrderEvent Undone(OrderState order, OrderStep step) => step switch
    {
        OrderStep.ReserveItems => new OrderEvent.ItemsReleased(order.OrderId),
        OrderStep.ChargeCard => new OrderEvent.PaymentRefunded(order.OrderId, order.Total),
        OrderStep.CreateShipment => new OrderEvent.ShipmentCancelled(order.OrderId),
        _ => throw new InvalidOperationException($"{step} cannot be undone"),
    };
}
