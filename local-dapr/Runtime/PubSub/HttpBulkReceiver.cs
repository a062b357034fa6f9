using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Posts batches to an app that speaks HTTP (contract section 6, Bulk).</summary>
internal sealed class HttpBulkReceiver(AppChannel app, Subscription subscription) : IBulkReceiver
{
    private static readonly MediaTypeHeaderValue Json = new(ContentTypes.Json);

    public async Task<IReadOnlyDictionary<string, EntryStatus>?> SendAsync(IReadOnlyList<BulkItem> items, string path, CancellationToken cancellation)
    {
        using var request = HttpEventReceiver.Request(app, path, Envelope(items), Json);
        request.Headers.TryAddWithoutValidation("pubsubname", subscription.PubSub);
        using var response = await app.SendAsync(request, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!response.IsSuccessStatusCode)
            throw new CodedException((int)response.StatusCode, $"the app answered {(int)response.StatusCode} to a batch on {path}");
        return Statuses(await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    private ReadOnlyMemory<byte> Envelope(IReadOnlyList<BulkItem> items)
    {
        var bytes = new ArrayBufferWriter<byte>(items.Sum(i => i.Message.Data.Length + 256));
        using var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteStartArray("entries"u8);
        foreach (var item in items)
            Write(json, item);
        json.WriteEndArray();
        json.WriteString("id"u8, Guid.NewGuid());
        json.WriteStartObject("metadata"u8);
        json.WriteString("pubsubName"u8, subscription.PubSub);
        json.WriteEndObject();
        json.WriteString("pubsubname"u8, subscription.PubSub);
        json.WriteString("topic"u8, subscription.Topic);
        json.WriteString("type"u8, "com.dapr.event.sent.bulk"u8);
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, BulkItem item)
    {
        var isBytes = item.Incoming!.IsRaw || item.Incoming.IsBinaryMode;
        json.WriteStartObject();
        json.WriteString("entryId"u8, item.EntryId);
        json.WritePropertyName("event"u8);
        if (isBytes)
            json.WriteBase64StringValue(item.Message.Data.Span);
        else
            json.WriteRawValue(item.Message.Data.Span, skipInputValidation: true);
        json.WriteStartObject("metadata"u8);
        foreach (var (name, value) in item.Message.Metadata)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteString("contentType"u8, isBytes ? ContentTypes.Bytes : ContentTypes.CloudEvent);
        json.WriteEndObject();
    }

    /// <summary>What cannot be read names no entry, so that all are sent again.</summary>
    private static Dictionary<string, EntryStatus> Statuses(byte[] answer)
    {
        var statuses = new Dictionary<string, EntryStatus>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !GoJson.TryFind(document.RootElement, "statuses", out var list) || list.ValueKind != JsonValueKind.Array)
                return statuses;
            foreach (var entry in list.EnumerateArray())
            {
                if (Text(entry, "entryId") is { } id)
                {
                    statuses[id] = Text(entry, "status") switch
                    {
                        "SUCCESS" => EntryStatus.Success,
                        "DROP" => EntryStatus.Drop,
                        _ => EntryStatus.Retry,
                    };
                }
            }
        }
        catch (JsonException)
        {
            statuses.Clear();
        }
        return statuses;
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && GoJson.TryFind(entry, name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
