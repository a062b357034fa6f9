using System.Text.Json.Nodes;

namespace Quayside.Services.Tests.Events;

/// <summary>A JSON schema without its references and texts.</summary>
internal static class SchemaShape
{
    /// <summary>What tells people something and promises nothing.</summary>
    private static readonly string[] Texts = ["$schema", "$id", "$defs", "$comment", "title", "description", "examples"];

    /// <returns>A copy in which each reference within the schema is replaced by what it refers to, without texts and $defs.</returns>
    public static JsonObject Plain(JsonObject schema) => Plain(schema, schema);

    /// <returns>A line for each member: its path, type, format, and whether it is required.</returns>
    public static List<string> Lines(JsonObject schema) => [.. Members("", Plain(schema)).Order(StringComparer.Ordinal)];

    /// <returns>The types that a schema allows; none stands for all.</returns>
    public static IReadOnlyList<string> Types(JsonObject schema) => schema["type"] switch
    {
        null => [],
        JsonArray several => [.. several.Select(type => type!.GetValue<string>()).Order(StringComparer.Ordinal)],
        var one => [one.GetValue<string>()],
    };

    public static IReadOnlyList<string> Required(JsonObject schema) => schema["required"] is JsonArray names ? [.. names.Select(name => name!.GetValue<string>())] : [];

    public static IEnumerable<KeyValuePair<string, JsonObject>> Properties(JsonObject schema) => schema["properties"] is JsonObject properties
        ? properties.Select(each => KeyValuePair.Create(each.Key, each.Value as JsonObject ?? []))
        : [];

    private static JsonObject Plain(JsonObject schema, JsonObject root)
    {
        var plain = schema["$ref"] is { } reference ? Plain(Resolve(reference.GetValue<string>(), root), root) : [];
        foreach (var (keyword, value) in schema.Where(each => each.Key != "$ref" && !Texts.Contains(each.Key)))
            plain[keyword] = value switch
            {
                JsonObject properties when keyword == "properties" => new JsonObject(properties.Select(each =>
                    KeyValuePair.Create<string, JsonNode?>(each.Key, each.Value is JsonObject of ? Plain(of, root) : []))),
                JsonObject inner => Plain(inner, root),
                _ => value?.DeepClone(),
            };
        return plain;
    }

    private static JsonObject Resolve(string reference, JsonObject root) => reference.StartsWith('#')
        ? reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonNode)root, (node, name) => node[name]!).AsObject()
        : throw new NotSupportedException($"{reference}: each schema is to be read alone, without another file");

    private static IEnumerable<string> Members(string path, JsonObject schema)
    {
        var required = Required(schema);
        foreach (var (name, property) in Properties(schema))
        {
            var member = path.Length == 0 ? name : $"{path}.{name}";
            yield return $"{member}: {Text(property)}{(required.Contains(name) ? ", required" : "")}";
            foreach (var inner in Members(member, property))
                yield return inner;
        }

        if (schema["items"] is JsonObject items)
        {
            yield return $"{path}[]: {Text(items)}";
            foreach (var inner in Members($"{path}[]", items))
                yield return inner;
        }
    }

    // Only the formats that a C# type has of itself; a schema may say of a string which one it is.
    private static string Text(JsonObject schema) =>
        string.Join(" or ", Types(schema)) + (schema["format"]?.GetValue<string>() is "date-time" ? " date-time" : "");
}
