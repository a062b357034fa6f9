using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Resources;

/// <summary>Reading YAML trees by dotted path.</summary>
public static class YamlNodes
{
    public static YamlNode? At(this YamlNode? node, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (node is not YamlMappingNode mapping || !mapping.Children.TryGetValue(new YamlScalarNode(name), out node))
                return null;
        }
        return node;
    }

    public static string? Text(this YamlNode? node, string path) => node.At(path) is YamlScalarNode scalar && !scalar.IsNull() ? scalar.Value : null;

    public static IEnumerable<YamlNode> Items(this YamlNode? node, string path) => node.At(path) is YamlSequenceNode sequence ? sequence.Children : [];

    public static IReadOnlyList<string> Texts(this YamlNode? node, string path) => [.. node.Items(path).OfType<YamlScalarNode>().Select(s => s.Value ?? "")];

    public static bool IsNull(this YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    /// <summary>The JSON value that a Kubernetes-style reader would see.</summary>
    public static JsonNode? ToJson(this YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", c.Value.ToJson()))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode scalar when scalar.IsNull() => null,
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value!),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    /// <summary>A metadata value as Dapr sees it: every JSON scalar as its text, an object as JSON.</summary>
    public static string MetadataText(this YamlNode node) => node is YamlScalarNode scalar ? scalar.IsNull() ? "" : scalar.Value ?? "" : node.ToJson()!.ToJsonString();

    private static JsonValue Plain(string text)
    {
        if (text is "true" or "True" or "TRUE")
            return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE")
            return JsonValue.Create(false);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return JsonValue.Create(number);
        return JsonValue.Create(text);
    }
}
