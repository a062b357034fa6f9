using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalDapr.Contract.Tests;

/// <summary>JSON as the recordings have it.</summary>
internal static class Json
{
    /// <summary>The last of two members with the same name counts.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static JsonNode? Parse(string text)
    {
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 });
        return Copy(document.RootElement);
    }

    /// <summary>Text in which equal values are equal: members in order, <c>", "</c> and <c>": "</c> between, everything but ASCII escaped. Lists whose order does not
    /// count were recorded in the order of this text.</summary>
    public static string Text(JsonNode? node, bool inOrder = true)
    {
        var text = new StringBuilder();
        Write(node, text, inOrder);
        return text.ToString();
    }

    /// <returns>The value at a path such as <c>body.$json.0.id</c>; a negative index counts from the end. Null if there is none.</returns>
    public static JsonNode? Pick(JsonNode? value, string path)
    {
        foreach (var part in path.Split('.'))
        {
            value = value switch
            {
                JsonArray list when int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) && index < list.Count && -index <= list.Count
                    => list[index < 0 ? list.Count + index : index],
                JsonObject members => members[part],
                _ => null,
            };
        }
        return value;
    }

    public static void Sort(JsonArray list)
    {
        var sorted = list.OrderBy(item => Text(item), StringComparer.Ordinal).ToArray();
        list.Clear();
        foreach (var item in sorted)
            list.Add(item);
    }

    public static bool IsText(this JsonNode? node, out string text)
    {
        text = node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : "";
        return node?.GetValueKind() == JsonValueKind.String;
    }

    public static bool IsNumber(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number;

    /// <summary>A string as it is, everything else as JSON.</summary>
    public static string Plain(this JsonNode? node) => node.IsText(out var text) ? text : Text(node);

    public static JsonObject Members(this JsonNode? node) => node as JsonObject ?? [];

    private static JsonNode? Copy(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in element.EnumerateObject())
                    members[member.Name] = Copy(member.Value);
                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Copy)]);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }

    private static void Write(JsonNode? node, StringBuilder text, bool inOrder)
    {
        switch (node)
        {
            case JsonObject members:
                var between = "{";
                foreach (var (name, value) in inOrder ? members.OrderBy(member => member.Key, StringComparer.Ordinal) : members.AsEnumerable())
                {
                    Quote(name, text.Append(between));
                    Write(value, text.Append(": "), inOrder);
                    between = ", ";
                }
                text.Append(members.Count == 0 ? "{}" : "}");
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                    Write(list[i], text.Append(i == 0 ? "[" : ", "), inOrder);
                text.Append(list.Count == 0 ? "[]" : "]");
                break;
            default:
                if (node.IsText(out var word))
                    Quote(word, text);
                else
                    text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void Quote(string word, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in word)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or > '~' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }
}
