namespace Quayside.Shipping;

/// <summary>The carrier's parcel; without a tracking id it is only intended. The address is never kept.</summary>
internal sealed record Parcel(string? TrackingId = null);
