using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Quayside.EventSourcing;

/// <summary>
/// Names and JSON of one aggregate's events. Members that a type does not know are ignored. A type that is not mapped, a schema newer than this
/// code, or a payload without what its type requires is an error: nobody decides on half an event.
/// </summary>
public sealed class EventCodec<TEvent>(IJsonTypeInfoResolver json, JsonSerializerOptions? options = null)
    where TEvent : class
{
    private readonly JsonSerializerOptions _options = PayloadJson.Options(json, options);
    private readonly Dictionary<Type, Mapping> _byType = [];
    private readonly Dictionary<string, Mapping> _byName = new(StringComparer.Ordinal);

    private sealed record Mapping(
        MappedEvent Event, Upcast[] Chain, Func<TEvent, ReadOnlyMemory<byte>>? Sealed, Func<TEvent, ReadOnlyMemory<byte>, TEvent>? WithSealed);

    /// <summary>What is mapped, in the order in which it was.</summary>
    public IEnumerable<MappedEvent> Events => _byType.Values.Select(mapping => mapping.Event);

    /// <param name="schemaVersion">Of the payload as it is written today; older ones are read by <paramref name="upcasting"/>.</param>
    /// <param name="getSealed">The encrypted part of the event, which its JSON leaves out; with <paramref name="withSealed"/> to put it back.</param>
    /// <param name="upcasting">One step from each schema before today's, and the names that the event had; it never sees the sealed part.</param>
    /// <exception cref="ArgumentException">The steps are not exactly those from 1 to today's schema, or a name is mapped already.</exception>
    public EventCodec<TEvent> Map<T>(
        string eventType,
        int schemaVersion = 1,
        Func<T, ReadOnlyMemory<byte>>? getSealed = null,
        Func<T, ReadOnlyMemory<byte>, T>? withSealed = null,
        Upcasting? upcasting = null)
        where T : class, TEvent
    {
        upcasting ??= new Upcasting();
        var mapping = new Mapping(
            new MappedEvent(typeof(T), eventType, schemaVersion, upcasting.FormerNames, _options.GetTypeInfo(typeof(T))),
            upcasting.ChainTo(eventType, schemaVersion),
            getSealed is null ? null : e => getSealed((T)e),
            withSealed is null ? null : (e, bytes) => withSealed((T)e, bytes));
        if (!_byType.TryAdd(typeof(T), mapping))
            throw new ArgumentException($"{typeof(T).Name} is mapped twice: as {_byType[typeof(T)].Event.EventType} and as {eventType}");
        foreach (var name in upcasting.FormerNames.Prepend(eventType))
        {
            if (!_byName.TryAdd(name, mapping))
                throw new ArgumentException($"The event type {name} is mapped twice: to {_byName[name].Event.Type.Name} and to {typeof(T).Name}");
        }
        return this;
    }

    /// <exception cref="JsonException">A member is null that its type does not allow to be.</exception>
    public NewEvent Encode(TEvent payload)
    {
        var mapping = _byType.GetValueOrDefault(payload.GetType())
            ?? throw new InvalidOperationException($"{payload.GetType().Name} is not mapped to an event type");
        var data = JsonSerializer.SerializeToUtf8Bytes(payload, mapping.Event.Json);
        return new NewEvent(mapping.Event.EventType, mapping.Event.SchemaVersion, data, mapping.Sealed?.Invoke(payload) ?? default);
    }

    /// <exception cref="UnreadableEventException">This code does not know the event's type or schema, or its payload is not what they say.</exception>
    public TEvent Decode(DomainEvent stored)
    {
        var mapping = _byName.GetValueOrDefault(stored.EventType) ?? throw new UnreadableEventException(stored, "the event type is unknown");
        var today = mapping.Event.SchemaVersion;
        if (stored.SchemaVersion < 1 || stored.SchemaVersion > today)
            throw new UnreadableEventException(stored, $"this code knows the schemas 1 to {today}");
        var payload = Read(stored, mapping);
        return mapping.WithSealed is { } with && !stored.Sealed.IsEmpty ? with(payload, stored.Sealed) : payload;
    }

    private static TEvent Read(DomainEvent stored, Mapping mapping)
    {
        try
        {
            var payload = stored.SchemaVersion == mapping.Event.SchemaVersion
                ? JsonSerializer.Deserialize(stored.Data.Span, mapping.Event.Json)
                : Upcasting.Apply(mapping.Chain, stored).Deserialize(mapping.Event.Json);
            return (TEvent?)payload ?? throw new JsonException("The payload is null");
        }
        catch (Exception failure)
        {
            throw new UnreadableEventException(stored, failure.Message, failure);
        }
    }
}

/// <summary>An event as a codec maps it.</summary>
/// <param name="SchemaVersion">Of what is written today.</param>
/// <param name="FormerNames">Event types that read as this one; nothing is written under them any more.</param>
/// <param name="Json">How the payload is read and written.</param>
public sealed record MappedEvent(Type Type, string EventType, int SchemaVersion, IReadOnlyList<string> FormerNames, JsonTypeInfo Json);

/// <summary>A stored event that this code cannot read: it is older than the event, or the event is broken.</summary>
public sealed class UnreadableEventException(DomainEvent stored, string why, Exception? cause = null)
    : Exception($"{stored.EventType} schema {stored.SchemaVersion} in {stored.AggregateId} version {stored.Version} cannot be read: {why}", cause);
