using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Logging;
using Quayside.ServiceDefaults.Documents;

namespace Quayside.ServiceDefaults.Parking;

/// <summary>The parked events of one app in one document, oldest first. Over the limit the oldest is dropped, with an error in the log.</summary>
public sealed partial class ParkingLot(DaprClient dapr, string storeName, Func<JsonElement, CancellationToken, Task> handle, TimeProvider time, ILogger<ParkingLot> logger)
{
    private const int Limit = 1_000;
    private readonly SharedDocument<List<ParkedEvent>> document = new(dapr, storeName, "parked-events", JsonSerializerOptions.Web);

    public async Task ParkAsync(JsonElement happened, CancellationToken cancellationToken)
    {
        // Both names are those of the event envelope; anything else is parked all the same.
        var id = Text(happened, "eventId") ?? Guid.CreateVersion7(time.GetUtcNow()).ToString();
        var parked = new ParkedEvent(id, Text(happened, "eventType") ?? "unknown", time.GetUtcNow(), happened.Clone());
        var dropped = await document.ChangeAsync(Add, cancellationToken);
        Log.Parked(logger, parked.EventType, id);
        if (dropped is not null) Log.Dropped(logger, dropped);

        (List<ParkedEvent>? Next, string? Dropped) Add(List<ParkedEvent>? all)
        {
            var others = all ?? [];
            if (others.Exists(other => other.EventId == id)) return (all, null);
            return others.Count < Limit ? ([.. others, parked], null) : ([.. others.Skip(1), parked], others[0].EventId);
        }
    }

    public async Task<IReadOnlyList<ParkedEvent>> ListAsync(CancellationToken cancellationToken) => await document.ReadAsync(cancellationToken) ?? [];

    /// <summary>Handles the event again and forgets it if that succeeds. False for an unknown id.</summary>
    public async Task<bool> ReplayAsync(string eventId, CancellationToken cancellationToken)
    {
        var parked = (await ListAsync(cancellationToken)).FirstOrDefault(one => one.EventId == eventId);
        if (parked is null) return false;
        await handle(parked.Event, cancellationToken);
        return await DropAsync(eventId, cancellationToken);
    }

    /// <summary>False for an unknown id.</summary>
    public Task<bool> DropAsync(string eventId, CancellationToken cancellationToken) => document.ChangeAsync<bool>(
        all => all?.Exists(one => one.EventId == eventId) == true ? (all.FindAll(one => one.EventId != eventId), true) : (all, false),
        cancellationToken);

    private static string? Text(JsonElement happened, string name) =>
        happened.ValueKind is JsonValueKind.Object && happened.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Parked {EventType} {EventId}")]
        public static partial void Parked(ILogger logger, string eventType, string eventId);

        [LoggerMessage(LogLevel.Error, "The parking lot is full: dropped {EventId}")]
        public static partial void Dropped(ILogger logger, string eventId);
    }
}
