using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalDapr.Contract.Tests;

/// <summary>What differs from run to run (ports, ids, times), and the names that stand for it on both sides of a comparison.</summary>
internal sealed partial class Names
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _saved = new(StringComparer.Ordinal);
    private List<(string Value, string Name, Regex Word)> _values = [];

    /// <summary>To be written <c>${name}</c> in what is sent, and shown as the name in what comes back.</summary>
    public void Save(string name, string value, bool isShown = true)
    {
        lock (_lock)
        {
            _saved[name] = value;
            if (isShown && value.Length >= 2 && !_values.Exists(known => known.Value == value && known.Name == name))
                _values = [.. _values.Append((Value: value, Name: name, Word: Word(value))).OrderByDescending(known => known.Value.Length)];
        }
    }

    public string this[string name]
    {
        get
        {
            lock (_lock)
                return _saved[name];
        }
    }

    public string Expand(string text)
    {
        lock (_lock)
            return Placeholder().Replace(text, found => _saved.GetValueOrDefault(found.Groups[1].Value, found.Value));
    }

    /// <summary>A copy with the saved values in the place of their names.</summary>
    public JsonNode? Expand(JsonNode? node) => Map(node, Expand, number => number);

    /// <summary>A copy with names in the place of volatile values.</summary>
    public JsonNode? Shorten(JsonNode? node) => Map(node, Shorten, ShortenNumber);

    private static Regex Word(string value) => new($"(?<![0-9A-Za-z]){Regex.Escape(value)}(?![0-9A-Za-z])");

    private string Shorten(string text)
    {
        foreach (var (_, name, word) in _values)
            text = word.Replace(text, _ => $"<{name}>");
        text = Traceparent().Replace(text, "<traceparent>");
        text = Uuid().Replace(text, "<uuid>");
        text = Time().Replace(text, "<time>");
        return HttpDate().Replace(text, "<date>");
    }

    private JsonNode ShortenNumber(JsonNode number) =>
        _values.Find(known => known.Value.Length > 3 && known.Value == number.ToJsonString()) is (_, { } name, _) ? JsonValue.Create($"<{name}>") : number;

    private static JsonNode? Map(JsonNode? node, Func<string, string> text, Func<JsonNode, JsonNode> number)
    {
        switch (node)
        {
            case JsonObject members:
                var mapped = new JsonObject();
                foreach (var (name, value) in members)
                    mapped[text(name)] = Map(value, text, number);
                return mapped;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Map(item, text, number))]);
            case null:
                return null;
            default:
                return node.IsText(out var word) ? JsonValue.Create(text(word)) : node.IsNumber() ? number(node.DeepClone()) : node.DeepClone();
        }
    }

    [GeneratedRegex(@"\$\{([A-Za-z0-9_.-]+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")]
    private static partial Regex Traceparent();

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})")]
    private static partial Regex Time();

    [GeneratedRegex("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")]
    private static partial Regex HttpDate();
}
