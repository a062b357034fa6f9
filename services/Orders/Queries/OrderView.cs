using System.Text.Json;
using System.Text.Json.Serialization;
using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Orders.Queries;

/// <summary>What a customer sees of an order. The last four are there only when details are asked for.</summary>
public sealed record OrderView(
    string OrderId,
    OrderStatus Status,
    Money Total,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null,
    bool CancellationRequested = false,
    ApprovalState Approval = ApprovalState.NotNeeded,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<OrderLine>? Lines = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PaymentView? Payment = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ShipmentView? Shipment = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TimelineEntry>? Timeline = null)
{
    /// <summary>Whose order it is: known to the view, not part of the answer.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal string? UserId { get; init; }

    [JsonIgnore]
    public bool IsFinal => Status.IsFinal();

    public OrderView WithoutDetails() => this with { Lines = null, Payment = null, Shipment = null, Timeline = null };
}

/// <param name="Status">charged or refunded.</param>
public sealed record PaymentView(string Status, Money Amount);

/// <param name="Status">created, shipped or cancelled.</param>
public sealed record ShipmentView(string Status, string? TrackingId);

public sealed record TimelineEntry(string Event, DateTimeOffset At);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderView))]
internal sealed partial class ViewJson : JsonSerializerContext;
