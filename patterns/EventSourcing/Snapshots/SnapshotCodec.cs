using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Quayside.EventSourcing.Snapshots;

/// <summary>JSON of one aggregate's state.</summary>
/// <param name="schemaVersion">Raise it when the state's type or what its events do to it changes: older snapshots are then made anew.</param>
public sealed class SnapshotCodec<TState>(IJsonTypeInfoResolver json, int schemaVersion)
{
    private readonly JsonTypeInfo _json = PayloadJson.Options(json).GetTypeInfo(typeof(TState));

    public Snapshot Encode(string aggregateId, long version, Guid eventId, TState state) =>
        new(aggregateId, version, eventId, schemaVersion, JsonSerializer.SerializeToUtf8Bytes(state, _json));

    public bool CanDecode(Snapshot snapshot) => snapshot.SchemaVersion == schemaVersion;

    /// <exception cref="JsonException">It is not what this codec wrote.</exception>
    public TState Decode(Snapshot snapshot) =>
        JsonSerializer.Deserialize(snapshot.Data.Span, _json) is TState state ? state : throw new JsonException("The snapshot is null");
}
