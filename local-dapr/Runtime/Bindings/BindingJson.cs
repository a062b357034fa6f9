using System.Text.Json;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.State;

namespace LocalDapr.Runtime.Bindings;

/// <summary>The body of POST /v1.0/bindings/{name}: <c>{operation, data, metadata}</c>.</summary>
internal static class BindingJson
{
    /// <exception cref="JsonException">Not such a body.</exception>
    public static BindingRequest Read(byte[] body)
    {
        using var document = ClientJson.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("the body is not an object");
        var request = new BindingRequest("", ReadOnlyMemory<byte>.Empty, new Dictionary<string, string>());
        foreach (var member in document.RootElement.EnumerateObject())
        {
            request = member.Name.ToUpperInvariant() switch
            {
                "OPERATION" => request with { Operation = Text(member) },
                "DATA" when member.Value.ValueKind != JsonValueKind.Null => request with { Data = member.Value.ToStored(likeGo: false) },
                "METADATA" when member.Value.ValueKind == JsonValueKind.Object => request with { Metadata = member.Value.EnumerateObject().ToDictionary(m => m.Name, Text, StringComparer.Ordinal) },
                "METADATA" when member.Value.ValueKind != JsonValueKind.Null => throw new JsonException("\"metadata\" is not an object"),
                _ => request,
            };
        }
        return request;
    }

    private static string Text(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => member.Value.GetString()!,
        JsonValueKind.Null => "",
        _ => throw new JsonException($"\"{member.Name}\" is not a string"),
    };
}
