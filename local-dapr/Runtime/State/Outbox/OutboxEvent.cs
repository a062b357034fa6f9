using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LocalDapr.Runtime.PubSub;

namespace LocalDapr.Runtime.State.Outbox;

/// <summary>The CloudEvent of an upsert (contract section 4, Outbox): operation metadata are its members by their plain names, but for id and data.</summary>
internal static class OutboxEvent
{
    public static byte[] Create(StateOperation operation, string appId, string topic, EventTrace trace, DateTimeOffset now)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["source"] = appId,
            ["specversion"] = "1.0",
            ["type"] = "com.dapr.event.sent",
            ["time"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["traceid"] = trace.Parent,
            ["traceparent"] = trace.Parent,
            ["tracestate"] = trace.State,
        };
        foreach (var (name, value) in operation.Metadata)
            members[name] = value;
        var contentType = operation.ContentType is { Length: > 0 } type ? type : "text/plain";
        members["datacontenttype"] = contentType;
        members["topic"] = topic;
        members["id"] = $"outbox-{Guid.NewGuid()}";
        members.Remove("data");
        members.Remove("data_base64");
        members.Remove(StateOutbox.Projection);
        var buffer = new ArrayBufferWriter<byte>(operation.Value.Length + 512);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        foreach (var (name, value) in members)
            json.WriteString(name, value);
        WriteData(json, operation.Value.Span, contentType, operation.Write.IsJson);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteData(Utf8JsonWriter json, ReadOnlySpan<byte> value, string contentType, bool isJson)
    {
        if (ContentTypes.IsBinary(contentType))
        {
            json.WriteBase64String("data_base64", value);
        }
        else if (ContentTypes.IsJson(contentType) && CloudEventWriter.IsJson(value))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(value, skipInputValidation: true);
        }
        else
        {
            // A JSON string is text as it is; other JSON values are published as their text.
            json.WriteString("data", isJson && value.Length > 0 && value[0] == '"' ? JsonSerializer.Deserialize<string>(value) : Encoding.UTF8.GetString(value));
        }
    }
}
