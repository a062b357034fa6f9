using System.Text.Json.Serialization;

namespace Quayside.Contracts.Orders;

/// <summary>What can happen to an order; names in <see cref="OrderEvents"/>.</summary>
public abstract record OrderEvent
{
    private OrderEvent() { }

    public sealed record Created(
        string OrderId, string UserId, DateTimeOffset Timestamp, IReadOnlyList<OrderLine> Lines, Money Total) : OrderEvent
    {
        /// <summary>Payment token, address and request hash, encrypted for the customer. Kept in the store, never in JSON.</summary>
        [JsonIgnore]
        public ReadOnlyMemory<byte> Sealed { get; init; }
    }

    public sealed record ApprovalRequested(string OrderId, Money Total) : OrderEvent;
    public sealed record Approved(string OrderId, string By) : OrderEvent;
    public sealed record Rejected(string OrderId, string By, string? Reason) : OrderEvent;
    public sealed record ApprovalExpired(string OrderId) : OrderEvent;

    public sealed record CancellationRequested(string OrderId, string By) : OrderEvent;

    public sealed record ItemsReserved(string OrderId) : OrderEvent;
    public sealed record PaymentCharged(string OrderId, Money Amount) : OrderEvent;
    public sealed record Confirmed(string OrderId, string UserId, Money Total) : OrderEvent;
    public sealed record ShippingStarted(string OrderId) : OrderEvent;
    public sealed record ShipmentCreated(string OrderId, string? TrackingId) : OrderEvent;
    public sealed record StockCommitted(string OrderId) : OrderEvent;
    public sealed record Shipped(string OrderId, string UserId, Money Total, string? TrackingId) : OrderEvent;

    public sealed record ShipmentCancelled(string OrderId) : OrderEvent;
    public sealed record PaymentRefunded(string OrderId, Money Amount) : OrderEvent;
    public sealed record ItemsReleased(string OrderId) : OrderEvent;
    public sealed record Cancelled(string OrderId, string UserId, Money Total, string Reason) : OrderEvent;
}

/// <summary>One product of an order at the price of the moment it was placed.</summary>
public sealed record OrderLine(string ProductId, string Name, int Quantity, Money UnitPrice);
