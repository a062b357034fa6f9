using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Decision = Quayside.EventSourcing.Decision<Quayside.Contracts.Orders.OrderEvent, Quayside.Orders.Order.OrderRefusal>;

namespace Quayside.Orders.Order;

/// <summary>The rules of an order. What has happened already is accepted without a new event, or refused and known by its command id, so every command may be repeated.</summary>
public static class OrderDecider
{
    public static readonly Decider<OrderState, OrderCommand, OrderEvent, OrderRefusal> Instance = new(OrderState.None, Decide, OrderState.Evolve);

    private static readonly OrderEvent[] Nothing = [];

    public static Decision Decide(OrderState order, OrderCommand command, DateTimeOffset now) => command switch
    {
        OrderCommand.Create create => Create(order, create, now),
        _ when !order.Exists => new OrderRefusal("there is no such order", UnknownOrder: true),
        OrderCommand.RequestCancellation request => RequestCancellation(order, request),
        OrderCommand.Approve approve => DecideApproval(order, new OrderEvent.Approved(order.OrderId, approve.By)),
        OrderCommand.Reject reject => DecideApproval(order, new OrderEvent.Rejected(order.OrderId, reject.By, reject.Reason)),
        OrderCommand.ExpireApproval when order.Approval is ApprovalState.Expired => Nothing,
        OrderCommand.ExpireApproval => DecideApproval(order, new OrderEvent.ApprovalExpired(order.OrderId)),
        OrderCommand.RecordDone record => OrderSteps.RecordDone(order, record),
        OrderCommand.RecordUndone record => OrderSteps.RecordUndone(order, record),
        OrderCommand.StartShipping => StartShipping(order),
        OrderCommand.Cancel cancel => Cancel(order, cancel),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command of an order"),
    };

    /// <summary>Why the saga must not go on with an order that has not started shipping; null: it may.</summary>
    public static string? WhyStop(OrderState order) => order switch
    {
        { Status: OrderStatus.Cancelled } => order.CancelReason,
        { Status: OrderStatus.Shipped } => "the order has shipped",
        { CancellationRequested: true } => OrderReasons.CustomerCancelled,
        { Approval: ApprovalState.Awaited } => OrderReasons.ApprovalAwaited,
        { Approval: ApprovalState.Rejected } => OrderReasons.ApprovalRejected,
        { Approval: ApprovalState.Expired } => OrderReasons.ApprovalExpired,
        _ => null,
    };

    private static Decision Create(OrderState order, OrderCommand.Create create, DateTimeOffset now)
    {
        if (order.Exists)
            return new OrderRefusal("the order exists");
        var created = new OrderEvent.Created(create.OrderId, create.UserId, now, create.Lines, create.Total) { Sealed = create.Sealed };
        return create.NeedsApproval
            ? new OrderEvent[] { created, new OrderEvent.ApprovalRequested(create.OrderId, create.Total) }
            : created;
    }

    private static Decision RequestCancellation(OrderState order, OrderCommand.RequestCancellation request) => order switch
    {
        { Status: OrderStatus.Cancelled } or { CancellationRequested: true } => Nothing,
        { ShippingStarted: true } => new OrderRefusal("shipping has started"),
        _ => new OrderEvent.CancellationRequested(order.OrderId, request.By),
    };

    /// <summary>One decision stands. Who decides the same a second time is refused too: the history would name him for what another did.</summary>
    private static Decision DecideApproval(OrderState order, OrderEvent decided) => order switch
    {
        { IsFinal: true } => new OrderRefusal("the order is final"),
        { CancellationRequested: true } => new OrderRefusal(OrderReasons.CustomerCancelled),
        { Approval: ApprovalState.Awaited } => decided,
        { Approval: ApprovalState.Approved } => new OrderRefusal("no approval is awaited: the order was approved"),
        { Approval: ApprovalState.Rejected } => new OrderRefusal("no approval is awaited: the order was rejected"),
        { Approval: ApprovalState.Expired } => new OrderRefusal("no approval is awaited: it expired"),
        _ => new OrderRefusal("no approval is awaited"),
    };

    private static Decision StartShipping(OrderState order)
    {
        if (OrderSteps.WhyNotAgain(order, OrderStep.CreateShipment) is { } undone)
            return new OrderRefusal(WhyStop(order) ?? undone);
        if (order.ShippingStarted && !order.IsFinal)
            return Nothing;
        if (WhyStop(order) is { } reason)
            return new OrderRefusal(reason);
        return order.Status is OrderStatus.Confirmed && order.Has(OrderStep.ChargeCard)
            ? new OrderEvent.ShippingStarted(order.OrderId)
            : new OrderRefusal("the order is not confirmed");
    }

    private static Decision Cancel(OrderState order, OrderCommand.Cancel cancel)
    {
        if (order.Status is OrderStatus.Cancelled)
            return Nothing;
        if (order.Status is OrderStatus.Shipped)
            return new OrderRefusal("the order has shipped");
        return order.Done.Count == 0
            ? new OrderEvent.Cancelled(order.OrderId, order.UserId, order.Total, cancel.Reason)
            : new OrderRefusal($"not undone yet: {string.Join(", ", order.Done)}");
    }
}
