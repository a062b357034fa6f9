using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Quayside.EventSourcing;

/// <summary>Names and JSON of one aggregate's events. A type that is not mapped, or a schema newer than this code, is an error.</summary>
public sealed class EventCodec<TEvent>(IJsonTypeInfoResolver json, JsonSerializerOptions? options = null)
    where TEvent : class
{
    private readonly JsonSerializerOptions _options = new(options ?? new(JsonSerializerDefaults.Web)) { TypeInfoResolver = json };
    private readonly Dictionary<Type, Mapping> _byType = [];
    private readonly Dictionary<string, Mapping> _byName = new(StringComparer.Ordinal);

    private sealed record Mapping(
        Type Type, string Name, int SchemaVersion, Func<TEvent, ReadOnlyMemory<byte>>? Sealed, Func<TEvent, ReadOnlyMemory<byte>, TEvent>? WithSealed);

    /// <param name="getSealed">The encrypted part of the event, which its JSON leaves out; with <paramref name="withSealed"/> to put it back.</param>
    public EventCodec<TEvent> Map<T>(
        string eventType,
        int schemaVersion = 1,
        Func<T, ReadOnlyMemory<byte>>? getSealed = null,
        Func<T, ReadOnlyMemory<byte>, T>? withSealed = null)
        where T : class, TEvent
    {
        var mapping = new Mapping(
            typeof(T), eventType, schemaVersion,
            getSealed is null ? null : e => getSealed((T)e),
            withSealed is null ? null : (e, bytes) => withSealed((T)e, bytes));
        _byType.Add(typeof(T), mapping);
        _byName.Add(eventType, mapping);
        return this;
    }

    public NewEvent Encode(TEvent payload)
    {
        var mapping = _byType.GetValueOrDefault(payload.GetType())
            ?? throw new InvalidOperationException($"{payload.GetType().Name} is not mapped to an event type");
        var data = JsonSerializer.SerializeToUtf8Bytes(payload, _options.GetTypeInfo(mapping.Type));
        return new NewEvent(mapping.Name, mapping.SchemaVersion, data, mapping.Sealed?.Invoke(payload) ?? default);
    }

    public TEvent Decode(DomainEvent stored)
    {
        var mapping = _byName.GetValueOrDefault(stored.EventType)
            ?? throw new InvalidOperationException($"Unknown event type {stored.EventType} in {stored.AggregateId}");
        if (stored.SchemaVersion > mapping.SchemaVersion)
            throw new InvalidOperationException($"{stored.EventType} has schema {stored.SchemaVersion}, this code knows {mapping.SchemaVersion}");
        var payload = (TEvent)JsonSerializer.Deserialize(stored.Data.Span, _options.GetTypeInfo(mapping.Type))!;
        return mapping.WithSealed is { } with && !stored.Sealed.IsEmpty ? with(payload, stored.Sealed) : payload;
    }
}
