using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Quayside.Services.Tests.Events;

/// <summary>The JSON schemas in contracts/schemas, as they are in the repository.</summary>
internal static class PublishedSchemas
{
    public const string Envelope = "envelope.json";

    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.List };

    private static readonly ConcurrentDictionary<string, Lazy<JsonSchema>> Loaded = new();

    public static string Folder => Path.Combine(Root(), "contracts", "schemas");

    /// <summary>The schemas as they were at the last release.</summary>
    public static string Released => Path.Combine(Folder, "released");

    /// <summary>Paths below contracts/schemas: "orders/order.created.v1.json".</summary>
    public static IEnumerable<string> Names => NamesIn(Folder).Where(name => !name.StartsWith("released/", StringComparison.Ordinal));

    public static IEnumerable<string> NamesIn(string folder) => Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    public static JsonObject Read(string name) => Parse(Path.Combine(Folder, name));

    public static JsonObject ReadReleased(string name) => Parse(Path.Combine(Released, name));

    /// <returns>What is wrong with the document; empty if it is valid.</returns>
    public static string Validate(string name, JsonElement document)
    {
        var schema = Loaded.GetOrAdd(name, _ => new(() => JsonSchema.FromText(File.ReadAllText(Path.Combine(Folder, name)))));
        var result = schema.Value.Evaluate(document, Options);
        return result.IsValid ? "" : $"{name}: {JsonSerializer.Serialize(result)}";
    }

    private static JsonObject Parse(string file) => JsonNode.Parse(File.ReadAllText(file))!.AsObject();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dapr.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
