using System.Text.Json.Serialization;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;

namespace Quayside.Orders.Live;

/// <summary>The data of one event of the stream.</summary>
/// <param name="Version">Of the order; the event's id, from which a reader goes on after a break.</param>
/// <param name="Reason">Of a cancelled order only.</param>
public sealed record OrderChange(
    string OrderId,
    OrderStatus Status,
    long Version,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null)
{
    public bool IsFinal => Status.IsFinal();

    /// <returns>Null for an event that does not change the status.</returns>
    public static OrderChange? Of(DomainEvent stored) => OrderCodec.Instance.Decode(stored) switch
    {
        OrderEvent.Created => To(OrderStatus.Pending, stored),
        OrderEvent.Confirmed => To(OrderStatus.Confirmed, stored),
        OrderEvent.Shipped => To(OrderStatus.Shipped, stored),
        OrderEvent.Cancelled cancelled => To(OrderStatus.Cancelled, stored, cancelled.Reason),
        _ => null,
    };

    private static OrderChange To(OrderStatus status, DomainEvent stored, string? reason = null) =>
        new(stored.AggregateId, status, stored.Version, stored.Timestamp, reason);
}
