using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Logging;
using Quayside.ServiceDefaults.Documents;

namespace Quayside.ServiceDefaults.Parking;

/// <summary>How an admin's action on a parked event ended.</summary>
internal enum ParkingOutcome
{
    Done = 1,
    Unknown,

    /// <summary>The admin used the key for another event or action.</summary>
    KeyReused,
}

/// <summary>The parked events of one app in one document, oldest first. Over the limit the oldest is dropped, with an error in the log.</summary>
public sealed partial class ParkingLot(DaprClient dapr, string storeName, Func<JsonElement, CancellationToken, Task> handle, TimeProvider time, ILogger<ParkingLot> logger)
{
    private const int Limit = 1_000;
    private readonly SharedDocument<ParkingDocument> document = new(dapr, storeName, "parked-events", JsonSerializerOptions.Web);

    public async Task ParkAsync(JsonElement happened, CancellationToken cancellationToken)
    {
        // Both names are those of the event envelope; anything else is parked all the same.
        var id = Text(happened, "eventId") ?? Guid.CreateVersion7(time.GetUtcNow()).ToString();
        var parked = new ParkedEvent(id, Text(happened, "eventType") ?? "unknown", time.GetUtcNow(), happened.Clone());
        var dropped = await document.ChangeAsync(Add, cancellationToken);
        Log.Parked(logger, parked.EventType, id);
        if (dropped is not null) Log.Dropped(logger, dropped);

        (ParkingDocument? Next, string? Dropped) Add(ParkingDocument? all)
        {
            var known = all ?? ParkingDocument.Empty;
            if (known.Find(id) is not null) return (all, null);
            return known.Parked.Count < Limit
                ? (known with { Parked = [.. known.Parked, parked] }, null)
                : (known with { Parked = [.. known.Parked.Skip(1), parked] }, known.Parked[0].EventId);
        }
    }

    internal async Task<ParkingDocument> ReadAsync(CancellationToken cancellationToken) => await document.ReadAsync(cancellationToken) ?? ParkingDocument.Empty;

    /// <summary>Handles the event again and forgets it if that succeeds; a failure leaves it parked and is the caller's.</summary>
    internal async Task<ParkingOutcome> ReplayAsync(string eventId, string by, string key, CancellationToken cancellationToken)
    {
        var known = await ReadAsync(cancellationToken);
        if (known.FindAction(by, key) is null && known.Find(eventId) is { } parked)
            await handle(parked.Event, cancellationToken);
        return await RemoveAsync("replay", eventId, by, key, cancellationToken);
    }

    internal Task<ParkingOutcome> DropAsync(string eventId, string by, string key, CancellationToken cancellationToken) =>
        RemoveAsync("drop", eventId, by, key, cancellationToken);

    private Task<ParkingOutcome> RemoveAsync(string action, string eventId, string by, string key, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        return document.ChangeAsync<ParkingOutcome>(all => all switch
        {
            null => (null, ParkingOutcome.Unknown),
            _ when all.FindAction(by, key) is { } before =>
                (all, before.Action == action && before.EventId == eventId ? ParkingOutcome.Done : ParkingOutcome.KeyReused),
            _ when all.Find(eventId) is { } parked => (all.Remove(new(action, eventId, parked.EventType, by, at, key)), ParkingOutcome.Done),
            _ => (all, ParkingOutcome.Unknown),
        }, cancellationToken);
    }

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
