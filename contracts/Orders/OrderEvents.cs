namespace Quayside.Contracts.Orders;

/// <summary>Event types, the same in the store, on the topic and as CloudEvent type.</summary>
public static class OrderEvents
{
    public const string Created = "order.created";
    public const string ApprovalRequested = "order.approval_requested";
    public const string Approved = "order.approved";
    public const string Rejected = "order.rejected";
    public const string ApprovalExpired = "order.approval_expired";
    public const string CancellationRequested = "order.cancellation_requested";
    public const string ItemsReserved = "order.items_reserved";
    public const string PaymentCharged = "order.payment_charged";
    public const string Confirmed = "order.confirmed";
    public const string ShippingStarted = "order.shipping_started";
    public const string ShipmentCreated = "order.shipment_created";
    public const string StockCommitted = "order.stock_committed";
    public const string Shipped = "order.shipped";
    public const string ShipmentCancelled = "order.shipment_cancelled";
    public const string PaymentRefunded = "order.payment_refunded";
    public const string ItemsReleased = "order.items_released";
    public const string Cancelled = "order.cancelled";
}
