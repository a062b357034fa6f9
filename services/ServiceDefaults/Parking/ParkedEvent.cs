using System.Text.Json;

namespace Quayside.ServiceDefaults.Parking;

/// <summary>An event that could not be handled, as it came from the dead-letter topic.</summary>
public sealed record ParkedEvent(string EventId, string EventType, DateTimeOffset ParkedAt, JsonElement Event);

/// <summary>GET /api/admin/parked/{app}.</summary>
public sealed record ParkedPage(IReadOnlyList<ParkedEvent> Items, string? NextCursor);
