using System.Text.Json.Serialization;

namespace Quayside.Contracts.Shipping;

/// <summary>POST /internal/shipments/create: one parcel per order, however often it is asked.</summary>
public sealed record CreateShipment(string OrderId, Address ShipTo);

public sealed record CreateShipmentResult(ShipmentOutcome Result, string? Reason = null, string? TrackingId = null);

/// <summary>POST /internal/shipments/cancel: cancelled is final; gone means that the parcel left and the order ships.
/// Its answer has a tracking id if there was a parcel.</summary>
public sealed record CancelShipment(string OrderId, string Reason);

public sealed record CancelShipmentResult(CancelShipmentOutcome Result, string? TrackingId = null);

[JsonConverter(typeof(JsonStringEnumConverter<ShipmentOutcome>))]
public enum ShipmentOutcome
{
    [JsonStringEnumMemberName("created")] Created = 1,
    [JsonStringEnumMemberName("refused")] Refused,
}

[JsonConverter(typeof(JsonStringEnumConverter<CancelShipmentOutcome>))]
public enum CancelShipmentOutcome
{
    [JsonStringEnumMemberName("cancelled")] Cancelled = 1,
    [JsonStringEnumMemberName("gone")] Gone,
}
