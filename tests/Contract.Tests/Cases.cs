using System.Text.Json.Nodes;

namespace LocalDapr.Contract.Tests;

/// <summary>Conversations recorded from a real Dapr sidecar, one JSON file each; README.md beside them says how they read.</summary>
public static class Cases
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases");

    /// <summary>Where this runtime differs, and why.</summary>
    private static readonly Dictionary<string, string> Different = new()
    {
        ["invoke/request-headers-self"] = "What `Connection` names is passed on: the HTTP server takes the names out of the header before the runtime sees it.",
    };

    /// <returns>The names of the conversations about one part, such as <c>state/etag</c>.</returns>
    public static TheoryData<string> Of(string part) => [.. Directory.EnumerateFiles(Path.Combine(Folder, part), "*.json")
        .Select(file => $"{part}/{Path.GetFileNameWithoutExtension(file)}").Order(StringComparer.Ordinal)];

    /// <summary>Has the same conversation with a sidecar of this build; fails with each difference. A busy machine moves what is measured in milliseconds: what
    /// differs is had again, twice at most, and fails when it differs each time.</summary>
    public static async Task ReplayAsync(string name)
    {
        Assert.SkipWhen(Different.TryGetValue(name, out var reason), reason ?? "");
        for (var tries = 1; ; tries++)
        {
            try
            {
                await ReplayOnceAsync(name);
                return;
            }
            catch (Xunit.Sdk.XunitException) when (tries < 3)
            {
                TestContext.Current.SendDiagnosticMessage("{0} differed at try {1}", name, tries);
            }
        }
    }

    private static async Task ReplayOnceAsync(string name)
    {
        var conversation = Json.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, $"{name}.json")))!.AsObject();
        var steps = conversation["steps"]!.AsArray();
        var differences = new List<string>();
        await using (var replay = new Replay(conversation))
        {
            await replay.StartAsync();
            for (var i = 0; i < steps.Count; i++)
            {
                var step = steps[i]!.AsObject();
                var found = Comparison.Differences(step, step["expect"], await replay.DoAsync(step));
                differences.AddRange(found.Select(difference => $"step {i + 1} {Describe(step)}: {difference}"));
            }
        }
        Assert.True(differences.Count == 0, $"{name}: {conversation["about"]}\n{string.Join('\n', differences)}");
    }

    private static string Describe(JsonObject step) =>
        (string?)step["note"] ?? string.Join(' ', new[] { "method", "path", "route" }.Select(member => (string?)step[member]).Where(text => text is not null));
}
