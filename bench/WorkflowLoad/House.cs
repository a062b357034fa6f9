using System.Diagnostics;
using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quayside.Servers;

namespace Quayside.Bench.WorkflowLoad;

/// <summary>A runtime and a worker, each in a process of its own, on free ports and data that goes with them.</summary>
internal sealed class House : IAsyncDisposable
{
    private const string Store = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: workflow-store}
        spec:
          type: state.redis
          version: v1
          metadata:
          - {name: actorStateStore, value: "true"}
        """;

    private readonly DirectoryInfo folder;
    private readonly ServiceProvider services;

    private House(DirectoryInfo folder, Process runtime, Process worker)
    {
        this.folder = folder;
        (Runtime, Worker) = (runtime, worker);
        services = new ServiceCollection().AddLogging(l => l.SetMinimumLevel(LogLevel.Warning)).AddDaprWorkflow(_ => { }).BuildServiceProvider();
        Client = services.GetRequiredService<DaprWorkflowClient>();
    }

    public Process Runtime { get; }

    public Process Worker { get; }

    public DaprWorkflowClient Client { get; }

    public static async Task<House> StartAsync(string dapr, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("workflow-load-");
        var resources = folder.CreateSubdirectory("resources").FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "store.yaml"), Store, cancellation);
        string http = $"{Ports.Free()}", grpc = $"{Ports.Free()}";
        Environment.SetEnvironmentVariable("DAPR_HTTP_PORT", http);
        Environment.SetEnvironmentVariable("DAPR_GRPC_PORT", grpc);
        var runtime = Process.Start(dapr, [
            "sidecar", "--app-id", "bench", "--backends", "embedded", "--data-dir", Path.Combine(folder.FullName, "data"), "--resources-path", resources,
            "--dapr-http-port", http, "--dapr-grpc-port", grpc, "--metrics-port", "0", "--log-level", "error"]);
        await HealthyAsync(http, runtime, cancellation);
        var worker = Process.Start("dotnet", [typeof(House).Assembly.Location, "worker"]);
        return new House(folder, runtime, worker);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        foreach (var process in new[] { Worker, Runtime })
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        folder.Delete(recursive: true);
    }

    private static async Task HealthyAsync(string port, Process runtime, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            if (runtime.HasExited)
                throw new InvalidOperationException("the runtime ended before it was healthy");
            try
            {
                if ((await http.GetAsync(new Uri($"http://127.0.0.1:{port}/v1.0/healthz"), cancellation)).IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not there yet.
            }
        }
    }
}
