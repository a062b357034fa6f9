using System.Text.Json;

namespace Quayside.ServiceDefaults.Parking;

/// <summary>An event that could not be handled, as it came from the dead-letter topic.</summary>
public sealed record ParkedEvent(string EventId, string EventType, DateTimeOffset ParkedAt, JsonElement Event);

/// <summary>What an admin did with a parked event.</summary>
/// <param name="Action"><c>replay</c> or <c>drop</c>.</param>
/// <param name="By">User id of the admin.</param>
/// <param name="Key">The Idempotency-Key he gave.</param>
public sealed record ParkingAction(string Action, string EventId, string EventType, string By, DateTimeOffset At, string Key);

/// <summary>GET /api/admin/parked/{app}.</summary>
/// <param name="Actions">The last 200, newest first.</param>
public sealed record ParkedPage(IReadOnlyList<ParkedEvent> Items, string? NextCursor, IReadOnlyList<ParkingAction> Actions);
