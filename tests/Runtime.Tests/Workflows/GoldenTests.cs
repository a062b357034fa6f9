namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>What Dapr 1.18.3 was recorded to do for clients and for the official JavaScript SDK, asked of a sidecar in a process of its own.</summary>
[Collection(nameof(AloneOnTheMachine))]
public sealed class GoldenTests
{
    private const string Restart = "restart";

    // After a refused connection the SDK's client waits a second before it tries again, and throws meanwhile: on a busy machine the sidecar is back too
    // late for it, and nothing has been seen of what the sidecar kept.
    private const int RestartTries = 10;

    [Fact]
    public async Task Clients_are_answered_as_Dapr_answers_them()
    {
        var cases = GoldenTool.Path("cases", "workflow");
        await GoldenTool.NeedsAsync("No Python with the package grpc (apt-get install python3-grpcio).", "/usr/bin/python3", "-c", "import grpc");
        var (passed, output) = await GoldenTool.RunAsync(GoldenTool.Path("golden.py"), atLeast: 20, "replay", cases);
        Assert.True(passed, output);
    }

    [Fact]
    public async Task Workflows_of_the_official_JavaScript_SDK_run_as_on_Dapr()
    {
        var script = GoldenTool.Path("workflow", "js", "run.py");
        var modules = Environment.GetEnvironmentVariable("NODE_PATH");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules ?? "", "@dapr", "dapr")), "NODE_PATH names no folder with @dapr/dapr (npm install @dapr/dapr@3.18.0).");
        await GoldenTool.NeedsAsync("No node 18 or newer.", "node", "-e", "process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)");

        var (passed, output) = await GoldenTool.RunAsync(script, atLeast: 22, "--modules", modules!, "--only", $"^(?!{Restart}$)");
        Assert.True(passed, output);
        var tries = 0;
        do
            (passed, output) = await GoldenTool.RunAsync(script, atLeast: 1, "--modules", modules!, "--only", $"^{Restart}$");
        while (output.Contains(".thrown", StringComparison.Ordinal) && ++tries < RestartTries);
        Assert.True(passed, output);
    }
}
