using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Quayside.OpenApi;

/// <summary>The published API description, read strictly: an answer may have no field that the document does not name.</summary>
internal sealed partial class ApiDocument
{
    private const string Schemas = "#/components/schemas/";
    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.List };

    /// <summary>The library keeps schemas in a registry that is not for several threads at once.</summary>
    private static readonly Lock Evaluating = new();
    private readonly JsonObject document;
    private readonly JsonObject definitions;

    public ApiDocument(string json)
    {
        document = JsonNode.Parse(json)!.AsObject();
        definitions = JsonNode.Parse(document["components"]!["schemas"]!.ToJsonString().Replace(Schemas, "#/$defs/", StringComparison.Ordinal))!.AsObject();
        Operations = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => new Operation(method.Key.ToUpperInvariant(), path.Key, method.Value!)))];
    }

    public IReadOnlyList<Operation> Operations { get; }

    public static ApiDocument Read() => new(File.ReadAllText(Path.Combine(Repository.Root, "services", "Gateway", "Pages", "openapi.json")));

    public Operation? Find(string method, string path) => Operations.FirstOrDefault(operation => operation.Method == method && operation.Matches(path));

    /// <returns>What is wrong with an answer; null if it is as the document says.</returns>
    public string? Judge(string method, string path, int status, string? contentType, string body)
    {
        if (status == 500)
            return $"{method} {path} failed: {body}";
        var operation = Find(method, path);
        var said = operation?.Node["responses"]![$"{status}"];
        if (said is null && status < 400)
            return $"{method} {path} answered {status}, which the document does not know";
        var content = (said ?? document["components"]!["responses"]!["Problem"])!["content"]?.AsObject();
        if (content is null)
            return body.Length == 0 ? null : $"{method} {path} {status}: a body where the document has none: {body}";
        if (contentType is null || content[contentType]?["schema"] is not { } schema)
            return $"{method} {path} {status}: {contentType ?? "no type"} where the document has {string.Join(", ", content.Select(type => type.Key))}: {body}";
        return contentType.EndsWith("json", StringComparison.Ordinal) && Validate(schema, body) is { } fault ? $"{method} {path} {status}: {fault}\n{body}" : null;
    }

    /// <returns>What is wrong with a body; null if it is as the document says.</returns>
    public string? JudgeRequest(Operation operation, string body) => operation.Node["requestBody"] switch
    {
        null => body.Length == 0 ? null : $"{operation} takes no body",
        var asked when body.Length == 0 => asked["required"]!.GetValue<bool>() ? $"{operation} needs a body" : null,
        var asked => Validate(asked["content"]!["application/json"]!["schema"]!, body),
    };

    /// <returns>What is wrong with JSON text by a schema of this name.</returns>
    public string? Validate(string schemaName, string json) => Validate(new JsonObject { ["$ref"] = Schemas + schemaName }, json);

    private string? Validate(JsonNode schema, string json)
    {
        var whole = JsonNode.Parse(schema.ToJsonString().Replace(Schemas, "#/$defs/", StringComparison.Ordinal))!.AsObject();
        whole["$defs"] = definitions.DeepClone();
        Close(whole);
        using var instance = JsonDocument.Parse(json);
        lock (Evaluating)
        {
            var result = JsonSchema.FromText(whole.ToJsonString()).Evaluate(instance.RootElement, Options);
            return result.IsValid ? null : JsonSerializer.Serialize(result.Details!.Where(detail => detail.Errors is { Count: > 0 }));
        }
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonObject schema)
        {
            if (schema["properties"] is JsonObject && schema["type"] is JsonValue && !schema.ContainsKey("additionalProperties"))
                schema["additionalProperties"] = false;
            foreach (var (_, value) in schema.ToList())
                Close(value);
        }
        else if (node is JsonArray list)
        {
            foreach (var value in list)
                Close(value);
        }
    }

    [GeneratedRegex(@"\\\{[^}]+\}")]
    private static partial Regex Parameter();

    internal sealed record Operation(string Method, string Path, JsonNode Node)
    {
        private readonly Regex pattern = new($"^{Parameter().Replace(Regex.Escape(Path), "[^/]+")}/?$", RegexOptions.IgnoreCase);

        /// <summary>anonymous, user or admin.</summary>
        public string Access => Node["security"]?[0]?["bearer"] is not JsonArray roles ? "anonymous" : roles.Count == 0 ? "user" : roles[0]!.GetValue<string>();

        public bool Matches(string path) => pattern.IsMatch(path);

        public override string ToString() => $"{Method} {Path}";
    }
}
