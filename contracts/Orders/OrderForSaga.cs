using System.Text.Json.Serialization;

namespace Quayside.Contracts.Orders;

/// <summary>POST /internal/orders/ask, before a step: the order decides whether the step may start.</summary>
/// <param name="Step">Null just reads. ChargeCard also gets the payment token: keep it inside the activity.</param>
public sealed record AskOrder(string OrderId, OrderStep? Step = null);

/// <summary>Order is null if there is none of that id.</summary>
public sealed record AskOrderResult(OrderForSaga? Order);

/// <param name="MayStart">Whether the step asked for may start, or may be repeated; true if none was asked for.</param>
/// <param name="StopReason">Why it may not: the reason to cancel with, unless the approval is still awaited.</param>
/// <param name="CancelReason">Of a cancelled order.</param>
/// <param name="Done">Steps done and not undone, in the order in which they were done.</param>
public sealed record OrderForSaga(
    string OrderId,
    string UserId,
    OrderStatus Status,
    long Version,
    DateTimeOffset CreatedAt,
    IReadOnlyList<OrderLine> Lines,
    Money Total,
    ApprovalState Approval,
    bool CancellationRequested,
    bool ShippingStarted,
    IReadOnlyList<OrderStep> Done,
    bool MayStart,
    string? StopReason = null,
    string? CancelReason = null,
    string? PaymentToken = null)
{
    [JsonIgnore]
    public bool IsFinal => Status.IsFinal();
}

[JsonConverter(typeof(JsonStringEnumConverter<OrderStatus>))]
public enum OrderStatus
{
    [JsonStringEnumMemberName("pending")] Pending = 1,
    [JsonStringEnumMemberName("confirmed")] Confirmed,
    [JsonStringEnumMemberName("shipped")] Shipped,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

public static class OrderStatusExtensions
{
    /// <summary>Nothing happens to the order any more.</summary>
    public static bool IsFinal(this OrderStatus status) => status is OrderStatus.Shipped or OrderStatus.Cancelled;
}

/// <summary>Steps that have an effect at a participant, and can be undone (but CommitStock, which is after the pivot).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderStep>))]
public enum OrderStep
{
    [JsonStringEnumMemberName("reserveItems")] ReserveItems = 1,
    [JsonStringEnumMemberName("chargeCard")] ChargeCard,
    [JsonStringEnumMemberName("createShipment")] CreateShipment,
    [JsonStringEnumMemberName("commitStock")] CommitStock,
}

[JsonConverter(typeof(JsonStringEnumConverter<ApprovalState>))]
public enum ApprovalState
{
    [JsonStringEnumMemberName("notNeeded")] NotNeeded = 1,
    [JsonStringEnumMemberName("awaited")] Awaited,
    [JsonStringEnumMemberName("approved")] Approved,
    [JsonStringEnumMemberName("rejected")] Rejected,
    [JsonStringEnumMemberName("expired")] Expired,
}
