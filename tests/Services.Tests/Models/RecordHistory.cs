using System.Text.Json.Nodes;

namespace Quayside.Services.Tests.Models;

/// <summary>What the store has shown of one order's record: none, intent, done, undone and committed, and nothing but the designed moves between them.</summary>
internal sealed class RecordHistory
{
    private static readonly HashSet<(string, string)> Legal =
    [
        ("none", "intent"), ("none", "undone"), ("intent", "intent"), ("intent", "done"), ("intent", "undone"), ("done", "undone"), ("done", "committed"),
    ];

    private string? text;

    public List<string> Stages { get; } = ["none"];

    public string Stage => Stages[^1];

    public JsonNode? Document { get; private set; }

    /// <summary>What the first intent said.</summary>
    public JsonNode? Intended { get; private set; }

    public string? Reason => Document?["reason"]?.GetValue<string>();

    public int Attempt => Document?["attempt"]?.GetValue<int>() ?? 0;

    public void See(string? document)
    {
        if (document == text) return;
        Assert.NotNull(document);
        var before = Document;
        (text, Document) = (document, JsonNode.Parse(document));
        if (AddsProof(before, Document!)) return;
        var next = Document!["stage"]!.GetValue<string>();
        Assert.True(Legal.Contains((Stage, next)), $"the record went from {Stage} to {next}");
        Stages.Add(next);
        if (next == "intent") Intended ??= Document["effect"];
    }

    /// <summary>Undone is final: only what was undone may be told later, once, and nothing else changes with it.</summary>
    private static bool AddsProof(JsonNode? before, JsonNode after)
    {
        if (before?["stage"]?.GetValue<string>() != "undone" || before["effect"] is not null || after["effect"] is null) return false;
        var rest = after.DeepClone().AsObject();
        rest.Remove("effect");
        return JsonNode.DeepEquals(rest, before);
    }
}
