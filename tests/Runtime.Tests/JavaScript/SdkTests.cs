using System.Diagnostics;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Hosting;
using Quayside.Servers;

namespace LocalDapr.Runtime.Tests.JavaScript;

/// <summary>The official JavaScript SDK, as client and as app, over HTTP and over gRPC. Its workflows are in <see cref="Workflows.GoldenTests"/>; it has no jobs.</summary>
public sealed class SdkTests : IDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "JavaScript", "checks.js");

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Checks of the script, and whether they serve as the app. The SDK has configuration over gRPC only.</summary>
    public static TheoryData<AppProtocol, string, bool> Checks => [.. new[]
    {
        ("state", false), ("bulk state", false), ("etags", false), ("transaction", false), ("publish and subscribe", true), ("bulk publish and subscribe", true),
        ("invocation", true), ("bindings", true), ("configuration", false), ("locks", false), ("secrets", false), ("metadata", false),
    }.SelectMany(check => new[] { (AppProtocol.Http, check.Item1, check.Item2), (AppProtocol.Grpc, check.Item1, check.Item2) }).Where(row => row is not (AppProtocol.Http, "configuration", _))];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task It_finds_what_it_expects(AppProtocol protocol, string check, bool serves)
    {
        var modules = Environment.GetEnvironmentVariable("NODE_PATH");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules ?? "", "@dapr", "dapr")), "NODE_PATH names no folder with @dapr/dapr (npm install @dapr/dapr@3.18.0).");
        Directory.CreateDirectory(folder.File("files"));
        await File.WriteAllTextAsync(folder.File("secrets.json"), """{"password": "hush"}""", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder.File("data/configuration"));
        await File.WriteAllTextAsync(folder.File("data/configuration/config.json"), """{"colour": "red||v1"}""", TestContext.Current.CancellationToken);
        var port = serves ? Ports.Free() : 0;
        await using var sidecar = await TestSidecar.StartAsync(
            folder,
            [
                Yaml.Component("state", "state.in-memory"),
                Yaml.Component("pubsub", "pubsub.in-memory"),
                Yaml.Component("files", "bindings.localstorage", ("rootPath", folder.File("files"))),
                Yaml.Component("tick", "bindings.cron", ("schedule", "@every 1s"), ("direction", "input")),
                Yaml.Component("secrets", "secretstores.local.file", ("secretsFile", folder.File("secrets.json"))),
                Yaml.Component("config", "configuration.redis"),
                Yaml.Component("locks", "lock.redis"),
            ],
            Backends.Embedded,
            configure: o => o with { AppPort = port, AppProtocol = protocol },
            waitUntilReady: !serves);
        var start = new ProcessStartInfo("node", [Script, protocol.ToString().ToLowerInvariant(), check]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DAPR_HTTP_PORT"] = $"{sidecar.Sidecar.HttpPort}";
        start.Environment["DAPR_GRPC_PORT"] = $"{sidecar.Sidecar.GrpcPort}";
        start.Environment["APP_PORT"] = $"{port}";
        start.Environment["FOLDER"] = folder.Path;
        using var node = Process.Start(start)!;
        try
        {
            var said = Task.WhenAll(node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            await node.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.True(node.ExitCode == 0, string.Join('\n', await said));
        }
        finally
        {
            if (!node.HasExited)
                node.Kill(entireProcessTree: true);
        }
    }
}
