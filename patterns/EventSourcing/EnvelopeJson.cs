using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quayside.EventSourcing;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventMetadata))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;

/// <summary>The envelope as it leaves the store: camelCase JSON without the sealed part.</summary>
public static class Envelope
{
    /// <returns>UTF-8 JSON {eventId, aggregateId, eventType, schemaVersion, data, metadata, timestamp, version}.</returns>
    public static byte[] ToJson(DomainEvent stored)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(stored.Data.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, stored);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter writer, DomainEvent stored)
    {
        writer.WriteStartObject();
        writer.WriteString("eventId", stored.EventId);
        writer.WriteString("aggregateId", stored.AggregateId);
        writer.WriteString("eventType", stored.EventType);
        writer.WriteNumber("schemaVersion", stored.SchemaVersion);
        writer.WritePropertyName("data");
        writer.WriteRawValue(stored.Data.Span, skipInputValidation: true);
        writer.WritePropertyName("metadata");
        JsonSerializer.Serialize(writer, stored.Metadata, EnvelopeJson.Default.EventMetadata);
        writer.WriteString("timestamp", stored.Timestamp);
        writer.WriteNumber("version", stored.Version);
        writer.WriteEndObject();
    }
}
