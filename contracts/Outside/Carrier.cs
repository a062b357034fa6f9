using System.Text.Json.Serialization;

namespace Quayside.Contracts.Outside;

/// <summary>POST /shipments on the Dapr HTTPEndpoint <c>carrier</c>. The key makes it idempotent: one parcel a key.</summary>
public sealed record CarrierShipment(string Key, Address ShipTo);

public sealed record CarrierShipmentResult(CarrierShipmentOutcome Result, string? Reason = null, string? TrackingId = null);

/// <summary>POST /shipments/cancel: possible until the parcel is collected; a cancelled key is accepted never more.
/// Its answer has a tracking id if there was a parcel.</summary>
public sealed record CarrierCancellation(string Key, string Reason);

public sealed record CarrierCancellationResult(CarrierCancellationOutcome Result, string? TrackingId = null);

/// <summary>POST /shipments/inquire.</summary>
public sealed record CarrierInquiry(string Key);

public sealed record CarrierInquiryResult(CarrierEntryState State, string? TrackingId = null);

/// <summary>GET /ledger/carrier.</summary>
public sealed record CarrierLedger(int Accepted, int Cancelled, int Refused, IReadOnlyList<CarrierEntry> Entries);

public sealed record CarrierEntry(string Key, CarrierEntryState State, string? TrackingId, string? Reason);

[JsonConverter(typeof(JsonStringEnumConverter<CarrierShipmentOutcome>))]
public enum CarrierShipmentOutcome
{
    [JsonStringEnumMemberName("accepted")] Accepted = 1,
    [JsonStringEnumMemberName("refused")] Refused,
}

[JsonConverter(typeof(JsonStringEnumConverter<CarrierCancellationOutcome>))]
public enum CarrierCancellationOutcome
{
    [JsonStringEnumMemberName("cancelled")] Cancelled = 1,
    [JsonStringEnumMemberName("gone")] Gone,
}

[JsonConverter(typeof(JsonStringEnumConverter<CarrierEntryState>))]
public enum CarrierEntryState
{
    [JsonStringEnumMemberName("none")] None = 1,
    [JsonStringEnumMemberName("accepted")] Accepted,
    [JsonStringEnumMemberName("refused")] Refused,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}
