using System.Text.Json;
using System.Text.Json.Serialization;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;

namespace Quayside.Orders.Order;

/// <summary>The events of an order in the store and on the topic.</summary>
public static class OrderCodec
{
    public static readonly EventCodec<OrderEvent> Instance = new EventCodec<OrderEvent>(OrderEventJson.Default)
        .Map<OrderEvent.Created>(OrderEvents.Created, getSealed: e => e.Sealed, withSealed: (e, bytes) => e with { Sealed = bytes })
        .Map<OrderEvent.ApprovalRequested>(OrderEvents.ApprovalRequested)
        .Map<OrderEvent.Approved>(OrderEvents.Approved)
        .Map<OrderEvent.Rejected>(OrderEvents.Rejected)
        .Map<OrderEvent.ApprovalExpired>(OrderEvents.ApprovalExpired)
        .Map<OrderEvent.CancellationRequested>(OrderEvents.CancellationRequested)
        .Map<OrderEvent.ItemsReserved>(OrderEvents.ItemsReserved)
        .Map<OrderEvent.PaymentCharged>(OrderEvents.PaymentCharged)
        .Map<OrderEvent.Confirmed>(OrderEvents.Confirmed)
        .Map<OrderEvent.ShippingStarted>(OrderEvents.ShippingStarted)
        .Map<OrderEvent.ShipmentCreated>(OrderEvents.ShipmentCreated)
        .Map<OrderEvent.StockCommitted>(OrderEvents.StockCommitted)
        .Map<OrderEvent.Shipped>(OrderEvents.Shipped)
        .Map<OrderEvent.ShipmentCancelled>(OrderEvents.ShipmentCancelled)
        .Map<OrderEvent.PaymentRefunded>(OrderEvents.PaymentRefunded)
        .Map<OrderEvent.ItemsReleased>(OrderEvents.ItemsReleased)
        .Map<OrderEvent.Cancelled>(OrderEvents.Cancelled);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderEvent.Created), TypeInfoPropertyName = "OrderCreated")]
[JsonSerializable(typeof(OrderEvent.ApprovalRequested), TypeInfoPropertyName = "OrderApprovalRequested")]
[JsonSerializable(typeof(OrderEvent.Approved), TypeInfoPropertyName = "OrderApproved")]
[JsonSerializable(typeof(OrderEvent.Rejected), TypeInfoPropertyName = "OrderRejected")]
[JsonSerializable(typeof(OrderEvent.ApprovalExpired), TypeInfoPropertyName = "OrderApprovalExpired")]
[JsonSerializable(typeof(OrderEvent.CancellationRequested), TypeInfoPropertyName = "OrderCancellationRequested")]
[JsonSerializable(typeof(OrderEvent.ItemsReserved), TypeInfoPropertyName = "OrderItemsReserved")]
[JsonSerializable(typeof(OrderEvent.PaymentCharged), TypeInfoPropertyName = "OrderPaymentCharged")]
[JsonSerializable(typeof(OrderEvent.Confirmed), TypeInfoPropertyName = "OrderConfirmed")]
[JsonSerializable(typeof(OrderEvent.ShippingStarted), TypeInfoPropertyName = "OrderShippingStarted")]
[JsonSerializable(typeof(OrderEvent.ShipmentCreated), TypeInfoPropertyName = "OrderShipmentCreated")]
[JsonSerializable(typeof(OrderEvent.StockCommitted), TypeInfoPropertyName = "OrderStockCommitted")]
[JsonSerializable(typeof(OrderEvent.Shipped), TypeInfoPropertyName = "OrderShipped")]
[JsonSerializable(typeof(OrderEvent.ShipmentCancelled), TypeInfoPropertyName = "OrderShipmentCancelled")]
[JsonSerializable(typeof(OrderEvent.PaymentRefunded), TypeInfoPropertyName = "OrderPaymentRefunded")]
[JsonSerializable(typeof(OrderEvent.ItemsReleased), TypeInfoPropertyName = "OrderItemsReleased")]
[JsonSerializable(typeof(OrderEvent.Cancelled), TypeInfoPropertyName = "OrderCancelled")]
internal sealed partial class OrderEventJson : JsonSerializerContext;
