using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Quayside.Servers;

namespace Quayside.Bench.RuntimeLoad;

/// <summary>A run command with some apps, on free ports and data that goes with it. The last app is <see cref="EchoApp"/>, the others have no process.</summary>
internal sealed class House : IAsyncDisposable
{
    private const string Token = "bench";

    private static readonly string[] Types = ["state.redis", "pubsub.redis", "state.in-memory", "pubsub.in-memory"];

    private readonly DirectoryInfo folder;

    private House(DirectoryInfo folder, Process runtime, TimeSpan started, int appPort)
    {
        (this.folder, Runtime, Started) = (folder, runtime, started);
        using var state = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, "data", "run.json")));
        var sidecars = state.RootElement.GetProperty("apps").EnumerateArray().Select(app => new Uri($"http://127.0.0.1:{app.GetProperty("httpPort").GetInt32()}/v1.0/")).ToArray();
        App = new Uri($"http://127.0.0.1:{appPort}/");
        (Sidecar, AppsSidecar) = (sidecars[0], sidecars[^1]);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestHeaders = { { "dapr-api-token", Token } } };
    }

    public Process Runtime { get; }

    /// <summary>From the start of the command until all was ready.</summary>
    public TimeSpan Started { get; }

    public HttpClient Http { get; }

    /// <summary>The echo app itself.</summary>
    public Uri App { get; }

    /// <summary>The API of the first app's sidecar.</summary>
    public Uri Sidecar { get; }

    /// <summary>The API of the echo app's own sidecar: what is declared in memory is each sidecar's own.</summary>
    public Uri AppsSidecar { get; }

    public static async Task<House> StartAsync(string dapr, string backends, int apps, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("runtime-load-");
        var port = Ports.Free();
        folder.CreateSubdirectory("resources");
        foreach (var (name, type) in new[] { ("state", Types[backends == "embedded" ? 0 : 2]), ("pubsub", Types[backends == "embedded" ? 1 : 3]) })
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "resources", name + ".yaml"), $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {{type: {type}, version: v1}}\n", cancellation);
        }
        var run = new StringBuilder("version: 1\ncommon: {resourcesPaths: [./resources], appLogDestination: console}\napps:\n");
        for (var i = 1; i < apps; i++)
            run.Append(CultureInfo.InvariantCulture, $"  - {{appID: app-{i}, appDirPath: .}}\n");
        run.Append(CultureInfo.InvariantCulture, $"  - {{appID: echo, appDirPath: ., appPort: {port}, command: [dotnet, \"{typeof(House).Assembly.Location}\", app]}}\n");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "dapr.yaml"), run.ToString(), cancellation);

        var clock = Stopwatch.StartNew();
        var runtime = Process.Start(new ProcessStartInfo(dapr, ["run", "-f", folder.FullName, "--backends", backends, "--data-dir", Path.Combine(folder.FullName, "data")])
        {
            RedirectStandardOutput = true,
            Environment = { ["DAPR_API_TOKEN"] = Token },
        })!;
        while (await runtime.StandardOutput.ReadLineAsync(cancellation) is { } line && !line.StartsWith("Ctrl-C", StringComparison.Ordinal))
        {
            // What is printed before is of no interest.
        }
        var started = clock.Elapsed;
        _ = runtime.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return runtime.HasExited ? throw new InvalidOperationException("the runtime ended before it was ready") : new House(folder, runtime, started, port);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using (var stop = Process.Start("kill", ["-TERM", $"{Runtime.Id}"]))
            await stop.WaitForExitAsync();
        await Runtime.WaitForExitAsync();
        Runtime.Dispose();
        folder.Delete(recursive: true);
    }
}
