using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quayside.Contracts;

/// <summary>The data of every CloudEvent on the topics <c>orders</c> and <c>users</c>, as a consumer sees it.</summary>
/// <param name="EventId">The same in every delivery of the event.</param>
/// <param name="Data">The payload; for topic <c>orders</c> an <see cref="Orders.OrderEvent"/> named by EventType.</param>
/// <param name="Version">1, 2, 3, ... within the aggregate. Deliveries may repeat and overtake each other.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record EventEnvelope(
    Guid EventId,
    string AggregateId,
    string EventType,
    int SchemaVersion,
    JsonElement Data,
    EventOrigin Metadata,
    DateTimeOffset Timestamp,
    long Version)
{
    public T Read<T>() => Data.Deserialize<T>(JsonSerializerOptions.Web)
        ?? throw new JsonException($"{EventType} {EventId} has no data");
}

/// <summary>Where an event came from.</summary>
/// <param name="Traceparent">W3C trace context of the request that caused it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record EventOrigin(
    string? Traceparent = null, string? CorrelationId = null, string? CausationId = null, string? CommandId = null, string? Actor = null);
