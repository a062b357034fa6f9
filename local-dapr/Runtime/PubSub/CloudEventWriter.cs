using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Makes the bytes of a CloudEvent (contract section 5). Members are in alphabetical order, as daprd writes them.</summary>
internal static class CloudEventWriter
{
    private const string DefaultType = "com.dapr.event.sent";
    private const string DefaultSource = "Dapr";
    private const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>Wraps data of a publish into a new event.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> data, string contentType, string pubsub, string topic, string appId,
        IReadOnlyDictionary<string, string> metadata, EventTrace trace, DateTimeOffset now)
    {
        string? id = null, source = null, type = null, subject = null, traceId = null, traceParent = null, traceState = null;
        foreach (var (name, value) in metadata)
        {
            if (!name.StartsWith("cloudevent.", StringComparison.OrdinalIgnoreCase))
                continue;
            switch (name["cloudevent.".Length..].ToLowerInvariant())
            {
                case "id": id = value; break;
                case "source": source = value; break;
                case "type": type = value; break;
                case "subject": subject = value; break;
                case "traceid": traceId = value; break;
                case "traceparent": traceParent = value; break;
                case "tracestate": traceState = value; break;
                default: break;
            }
        }
        traceParent ??= trace.Parent;
        var json = Start(data.Length);
        json.WriteStartObject();
        WriteData(json, data, contentType);
        json.WriteString("datacontenttype"u8, contentType);
        WriteExpiration(json, metadata, now);
        json.WriteString("id"u8, id is { Length: > 0 } ? id : Guid.NewGuid().ToString());
        json.WriteString("pubsubname"u8, pubsub);
        json.WriteString("source"u8, source is null ? appId : source.Length == 0 ? DefaultSource : source);
        json.WriteString("specversion"u8, "1.0"u8);
        if (subject is { Length: > 0 })
            json.WriteString("subject"u8, subject);
        json.WriteString("time"u8, Rfc3339(now));
        json.WriteString("topic"u8, topic);
        json.WriteString("traceid"u8, traceId ?? traceParent);
        json.WriteString("traceparent"u8, traceParent);
        json.WriteString("tracestate"u8, traceState ?? trace.State);
        json.WriteString("type"u8, type is { Length: > 0 } ? type : DefaultType);
        json.WriteEndObject();
        return Finish(json);
    }

    /// <summary>Fills in what a given CloudEvent lacks; its topic and pubsubname are overwritten. A text that is no JSON object throws <see cref="JsonException"/>.</summary>
    public static byte[] Complete(ReadOnlyMemory<byte> data, string pubsub, string topic, IReadOnlyDictionary<string, string> metadata, EventTrace trace, DateTimeOffset now)
    {
        using var document = ClientJson.Parse(data, MaxDepth);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException("the event is no JSON object");
        var json = Start(data.Length);
        var hasTraceId = Has(root, "traceid"u8);
        json.WriteStartObject();
        foreach (var member in root.EnumerateObject())
        {
            var isOurs = member.NameEquals("topic"u8) || member.NameEquals("pubsubname"u8) || (member.NameEquals("traceparent"u8) && !hasTraceId);
            var isAbsent = member.Value.ValueKind == JsonValueKind.Null && !member.NameEquals("data"u8);
            if (!isOurs && !isAbsent)
                member.WriteTo(json);
        }
        if (!Has(root, "expiration"u8))
            WriteExpiration(json, metadata, now);
        json.WriteString("pubsubname"u8, pubsub);
        WriteMissing("source"u8, DefaultSource);
        WriteMissing("specversion"u8, "1.0");
        WriteMissing("time"u8, Rfc3339(now));
        json.WriteString("topic"u8, topic);
        if (!hasTraceId)
        {
            json.WriteString("traceid"u8, trace.Parent);
            json.WriteString("traceparent"u8, trace.Parent);
        }
        WriteMissing("tracestate"u8, trace.State);
        WriteMissing("type"u8, DefaultType);
        json.WriteEndObject();
        return Finish(json);

        void WriteMissing(ReadOnlySpan<byte> name, string value)
        {
            if (!Has(root, name))
                json.WriteString(name, value);
        }
    }

    /// <summary>The event around a raw message, made for a subscription with rawPayload.</summary>
    public static byte[] WrapRaw(ReadOnlySpan<byte> data, string pubsub, string topic)
    {
        var json = Start(data.Length * 4 / 3);
        json.WriteStartObject();
        json.WriteBase64String("data_base64"u8, data);
        json.WriteString("datacontenttype"u8, ContentTypes.Bytes);
        json.WriteString("id"u8, Guid.NewGuid().ToString());
        json.WriteString("pubsubname"u8, pubsub);
        json.WriteString("source"u8, DefaultSource);
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("topic"u8, topic);
        json.WriteString("type"u8, DefaultType);
        json.WriteEndObject();
        return Finish(json);
    }

    /// <summary>The value without blanks between its tokens; numbers stay as written.</summary>
    public static byte[] Compact(JsonElement value)
    {
        var json = Start(256);
        value.WriteTo(json);
        return Finish(json);
    }

    /// <summary>True for exactly one JSON value, with nothing behind it, that an event can hold: whoever reads the event can read all of it.</summary>
    public static bool IsJson(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = MaxDepth - 1 });
        try
        {
            while (reader.Read())
            {
            }
            return ClientJson.IsUnicode(data, MaxDepth - 1);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Has(JsonElement root, ReadOnlySpan<byte> name) => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void WriteExpiration(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata, DateTimeOffset now)
    {
        if (PublishMetadata.TimeToLive(metadata) is { } ttl)
            json.WriteString("expiration"u8, Rfc3339(now + ttl));
    }

    private static void WriteData(Utf8JsonWriter json, ReadOnlySpan<byte> data, string contentType)
    {
        if (ContentTypes.IsBinary(contentType))
            json.WriteBase64String("data_base64"u8, data);
        else if (ContentTypes.IsJson(contentType) && IsJson(data))
        {
            json.WritePropertyName("data"u8);
            json.WriteRawValue(data, skipInputValidation: true);
        }
        else
            json.WriteString("data"u8, Encoding.UTF8.GetString(data));
    }

    private static Utf8JsonWriter Start(int size)
    {
        var bytes = buffer ??= new ArrayBufferWriter<byte>(4096);
        bytes.ResetWrittenCount();
        bytes.GetSpan(size + 512);
        var json = writer ??= new Utf8JsonWriter(bytes, Options);
        json.Reset(bytes);
        return json;
    }

    private static byte[] Finish(Utf8JsonWriter json)
    {
        json.Flush();
        var result = buffer!.WrittenSpan.ToArray();
        if (buffer.Capacity > 1 << 20)
            (buffer, writer) = (null, null);
        return result;
    }
}
