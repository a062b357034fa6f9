using System.Diagnostics;
using Dapr.Client;
using Quayside.Servers;

namespace Quayside.Bench.CacheLoad;

/// <summary>A runtime with one state store, on free ports and data that goes with it.</summary>
internal sealed class Sidecar : IAsyncDisposable
{
    public const string Store = "cache-store";

    private const string Yaml = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: cache-store}
        spec: {type: state.redis, version: v1}
        """;

    private readonly DirectoryInfo folder;
    private readonly Process runtime;

    private Sidecar(DirectoryInfo folder, Process runtime, DaprClient client) => (this.folder, this.runtime, Client) = (folder, runtime, client);

    public DaprClient Client { get; }

    public static async Task<Sidecar> StartAsync(string dapr, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("cache-load-");
        var resources = folder.CreateSubdirectory("resources").FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "store.yaml"), Yaml, cancellation);
        string http = $"{Ports.Free()}", grpc = $"{Ports.Free()}";
        var runtime = Process.Start(dapr, [
            "sidecar", "--app-id", "bench", "--backends", "embedded", "--data-dir", Path.Combine(folder.FullName, "data"), "--resources-path", resources,
            "--dapr-http-port", http, "--dapr-grpc-port", grpc, "--metrics-port", "0", "--log-level", "error"]);
        var client = new DaprClientBuilder().UseHttpEndpoint($"http://127.0.0.1:{http}").UseGrpcEndpoint($"http://127.0.0.1:{grpc}").Build();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await client.CheckHealthAsync(cancellation) && await tick.WaitForNextTickAsync(cancellation))
        {
            if (runtime.HasExited)
                throw new InvalidOperationException("the runtime ended before it was healthy");
        }
        return new(folder, runtime, client);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        runtime.Kill();
        await runtime.WaitForExitAsync();
        runtime.Dispose();
        folder.Delete(recursive: true);
    }
}
