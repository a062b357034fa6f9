namespace Quayside.EventSourcing;

/// <summary>What happened to one aggregate: the envelope that is stored, and published without <see cref="Sealed"/>.</summary>
/// <param name="EventId">Unique for ever; consumers may use it as their idempotency key.</param>
/// <param name="Data">The payload as UTF-8 JSON.</param>
/// <param name="Sealed">Personal data, encrypted by the owner of the event; stays in the store, empty if there is none.</param>
/// <param name="Version">1 for the first event of the aggregate, without gaps.</param>
public sealed record DomainEvent(
    Guid EventId,
    string AggregateId,
    string EventType,
    int SchemaVersion,
    ReadOnlyMemory<byte> Data,
    EventMetadata Metadata,
    DateTimeOffset Timestamp,
    long Version)
{
    public ReadOnlyMemory<byte> Sealed { get; init; }
}

/// <summary>Where an event came from.</summary>
/// <param name="Traceparent">W3C trace context of the request that caused it.</param>
/// <param name="CommandId">The command that appended it; a stream takes each command id once.</param>
/// <param name="Actor">User id or app id on whose behalf it happened.</param>
public sealed record EventMetadata(
    string? Traceparent = null,
    string? CorrelationId = null,
    string? CausationId = null,
    string? CommandId = null,
    string? Actor = null);

/// <summary>An event and its place in the shard's global order.</summary>
/// <param name="Arrived">It was appended, and published, on another shard, and copied here when its bucket moved.</param>
public sealed record StoredEvent(Cursor Cursor, DomainEvent Event, bool Arrived = false);

/// <summary>An event to append; id, version and timestamp are given by the store.</summary>
/// <param name="Data">The payload as UTF-8 JSON.</param>
public sealed record NewEvent(string EventType, int SchemaVersion, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Sealed = default);
