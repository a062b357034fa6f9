using System.Text.Json;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.State;

/// <summary>One item of a save or transaction over HTTP: <c>{key, value, etag, metadata, options, contentType}</c>, member names in any case.</summary>
internal sealed record StateItem(string Key, JsonElement Value, string? ETag, bool FirstWrite, IReadOnlyDictionary<string, string> Metadata, string? ContentType)
{
    /// <param name="json">The item.</param>
    /// <param name="queryMetadata">Metadata of the URL, which win over the item's own.</param>
    /// <param name="needsKey">False in transactions, where Dapr takes an empty key.</param>
    public static StateItem Read(JsonElement json, IReadOnlyDictionary<string, string> queryMetadata, bool needsKey)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw Malformed("an item is not an object");
        var item = new StateItem("", default, null, false, queryMetadata, null);
        foreach (var member in json.EnumerateObject())
        {
            item = member.Name.ToUpperInvariant() switch
            {
                "KEY" => item with { Key = Text(member) ?? "" },
                "VALUE" => item with { Value = member.Value },
                "ETAG" => item with { ETag = Text(member) },
                "METADATA" => item with { Metadata = Merge(member.Value, queryMetadata) },
                "OPTIONS" => item with { FirstWrite = IsFirstWrite(member.Value) },
                "CONTENTTYPE" => item with { ContentType = Text(member) },
                _ => item,
            };
        }
        return item.Key.Length > 0 || !needsKey ? item : throw Malformed("\"key\" is a required field");
    }

    public StateWrite ToWrite(StateComponent store) =>
        store.Write(Key, Value.ToStored(store.WritesLikeGo), isJson: true, ETag, FirstWrite, Ttl(Metadata));

    public StateOperation ToOperation(StateComponent store, string type) => type switch
    {
        "upsert" => new(ToWrite(store), Value.ToStored(likeGo: false), ContentType ?? Find(Metadata, "contentType"), Metadata),
        "delete" => new(ToDelete(store), default, null, Metadata),
        _ => throw StateErrors.UnknownOperation(type),
    };

    private StateWrite ToDelete(StateComponent store) => store.Write(Key, null, isJson: false, ETag, FirstWrite, null);

    /// <summary>The words of <c>options.concurrency</c>; Dapr refuses others on a save.</summary>
    public static bool IsFirstWrite(string? word) => word switch
    {
        "first-write" => true,
        "last-write" or "" or null => false,
        _ => throw Malformed($"concurrency is `{word}`: use first-write or last-write"),
    };

    public static string? Ttl(IEnumerable<KeyValuePair<string, string>> metadata) => Find(metadata, "ttlInSeconds");

    public static string? Find(IEnumerable<KeyValuePair<string, string>> metadata, string wanted)
    {
        foreach (var (name, value) in metadata)
        {
            if (name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }

    public static ApiException Malformed(string problem) => ApiException.Malformed($"failed deserializing HTTP body: {problem}");

    private static bool IsFirstWrite(JsonElement options)
    {
        if (options.ValueKind == JsonValueKind.Null)
            return false;
        if (options.ValueKind != JsonValueKind.Object)
            throw Malformed("\"options\" is not an object");
        var first = false;
        foreach (var member in options.EnumerateObject())
        {
            if (member.Name.Equals("concurrency", StringComparison.OrdinalIgnoreCase))
                first = IsFirstWrite(Text(member));
            else if (member.Name.Equals("consistency", StringComparison.OrdinalIgnoreCase) && Text(member) is { Length: > 0 } and not ("strong" or "eventual"))
                throw Malformed($"consistency is `{member.Value}`: use strong or eventual");
        }
        return first;
    }

    private static Dictionary<string, string> Merge(JsonElement metadata, IReadOnlyDictionary<string, string> over)
    {
        var merged = new Dictionary<string, string>(StringComparer.Ordinal);
        if (metadata.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw Malformed("\"metadata\" is not an object");
        if (metadata.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in metadata.EnumerateObject())
                merged[member.Name] = Text(member) ?? "";
        }
        foreach (var (name, value) in over)
            merged[name] = value;
        return merged;
    }

    private static string? Text(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => member.Value.GetString(),
        JsonValueKind.Null => null,
        _ => throw Malformed($"\"{member.Name}\" is not a string"),
    };
}
