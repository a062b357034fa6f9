using System.Text.Json.Nodes;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>Conversations recorded from daprd 1.18.3, in <c>$GOLDEN_DIR/workflow/wire.json</c>.</summary>
public sealed class WireTests
{
    // Only excerpts or checks were recorded; WorkflowEngineTests plays these.
    private static readonly HashSet<string> Excerpts = ["start_no_id", "batching", "two_workers", "worker_metadata", "concurrency", "list_ids", "big", "continue_limit"];

    // Where we do better on purpose: no worker does not fail calls, ids are free at once, a result of an earlier run is not given to the next one.
    private static readonly HashSet<string> Different = ["no_worker", "terminate_with_activity", "continue_with_pending"];

    public static TheoryData<string> Flows()
    {
        var flows = Load();
        return flows is null ? [""] : [.. flows.Select(f => f.Key).Where(k => !Excerpts.Contains(k) && !Different.Contains(k))];
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public async Task The_engine_says_what_daprd_says(string flow)
    {
        var flows = Load();
        Assert.SkipWhen(flows is null, "GOLDEN_DIR is not set: it names the folder that holds workflow/wire.json");
        using var folder = new TempFolder();
        await using var replay = new WireReplay(folder, [.. flows![flow]!["transcript"]!.AsArray().Select(e => e!)]);
        await replay.RunAsync();
    }

    private static JsonObject? Load() =>
        Environment.GetEnvironmentVariable("GOLDEN_DIR") is { Length: > 0 } folder
            ? JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "workflow", "wire.json")))!["flows"]!.AsObject()
            : null;
}
