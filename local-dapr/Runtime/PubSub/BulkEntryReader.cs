using System.Text;
using System.Text.Json;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Reads the body of a bulk publish over HTTP. The request's metadata reach every entry; an entry's own wins.</summary>
internal sealed class BulkEntryReader(string pubsub, string appId, IReadOnlyDictionary<string, string> requestMetadata, EventTrace trace)
{
    public List<BulkEntry> Read(byte[] body)
    {
        JsonDocument document;
        try
        {
            document = ClientJson.Parse(body, maxDepth: 1000);
        }
        catch (JsonException failure)
        {
            throw Unreadable(failure.Message);
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw Unreadable("the body is no list of entries");
            var entries = new List<BulkEntry>(document.RootElement.GetArrayLength());
            var ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (var element in document.RootElement.EnumerateArray())
                entries.Add(Entry(element));
            foreach (var entry in entries)
            {
                if (entry.EntryId.Length == 0 || !ids.Add(entry.EntryId))
                    throw PubSubErrors.Events("DAPR_PUBSUB_MARSHAL_EVENTS", pubsub, appId, "every entry needs an entryId of its own");
            }
            return entries;
        }
    }

    private ApiException Unreadable(string problem) => PubSubErrors.Events("DAPR_PUBSUB_UNMARSHAL_EVENTS", pubsub, appId, $"error when unmarshaling the request: {problem}");

    private BulkEntry Entry(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw Unreadable("an entry is no object");
        string id = Text(entry, "entryId"), contentType = Text(entry, "contentType");
        var metadata = Metadata(entry);
        if (id.Length == 0)
            return new BulkEntry("", default);
        var data = GoJson.TryFind(entry, "event", out var value)
            ? Data(value, contentType)
            : throw PubSubErrors.Events("DAPR_PUBSUB_MARSHAL_ENVELOPE", pubsub, appId, $"entry {id} has no event");
        return new BulkEntry(id, new PublishRequest(
            data ?? throw PubSubErrors.Events("DAPR_PUBSUB_MARSHAL_ENVELOPE", pubsub, appId, $"the event of entry {id} does not fit its contentType '{contentType}'"),
            contentType, metadata, trace));
    }

    private string Text(JsonElement entry, string name) => !GoJson.TryFind(entry, name, out var value) || value.ValueKind == JsonValueKind.Null
        ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Unreadable($"{name} is no string");

    private IReadOnlyDictionary<string, string> Metadata(JsonElement entry)
    {
        if (!GoJson.TryFind(entry, "metadata", out var own) || own.ValueKind == JsonValueKind.Null)
            return requestMetadata;
        if (own.ValueKind != JsonValueKind.Object)
            throw Unreadable("metadata is no object");
        var merged = new Dictionary<string, string>(requestMetadata, StringComparer.Ordinal);
        foreach (var item in own.EnumerateObject())
            merged[item.Name] = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : throw Unreadable($"metadata {item.Name} is no string");
        return merged;
    }

    /// <summary>Null when the value cannot be what the content type says.</summary>
    private static byte[]? Data(JsonElement value, string contentType)
    {
        if (ContentTypes.IsJson(contentType) || ContentTypes.IsCloudEvent(contentType))
            return Encoding.UTF8.GetBytes(value.GetRawText());
        if (value.ValueKind != JsonValueKind.String)
            return null;
        if (ContentTypes.IsBinary(contentType))
            return value.TryGetBytesFromBase64(out var bytes) ? bytes : null;
        return ContentTypes.IsText(contentType) ? Encoding.UTF8.GetBytes(value.GetString()!) : null;
    }
}
