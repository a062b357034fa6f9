using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Runtime.Tests;

/// <summary>A sidecar inside the test process, on free ports, with resources from texts and a folder of its own.</summary>
internal sealed class TestSidecar : IAsyncDisposable
{
    private readonly LocalRuntime? ownRuntime;

    private TestSidecar(Sidecar sidecar, LocalRuntime? ownRuntime)
    {
        this.ownRuntime = ownRuntime;
        Sidecar = sidecar;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.HttpPort}/") };
        Grpc = new GrpcChannel(new Uri($"http://127.0.0.1:{sidecar.GrpcPort}/"));
    }

    public Sidecar Sidecar { get; }

    public HttpClient Http { get; }

    public GrpcChannel Grpc { get; }

    /// <summary>Starts a sidecar and waits until it is ready, without an app unless <paramref name="configure"/> sets its port.</summary>
    public static async Task<TestSidecar> StartAsync(
        TempFolder folder, IReadOnlyList<string> resources, Backends backends = Backends.Declared, string? configuration = null,
        Func<SidecarOptions, SidecarOptions>? configure = null, LocalRuntime? runtime = null, bool waitUntilReady = true, ILoggerFactory? loggers = null)
    {
        var resourcesPath = Directory.CreateDirectory(folder.File($"resources-{Guid.NewGuid():N}")).FullName;
        for (var i = 0; i < resources.Count; i++)
            await File.WriteAllTextAsync(Path.Combine(resourcesPath, $"{i:000}.yaml"), resources[i]);
        var configFile = folder.File($"config-{Guid.NewGuid():N}.yaml");
        if (configuration is not null)
            await File.WriteAllTextAsync(configFile, configuration);
        var options = new SidecarOptions
        {
            AppId = "myapp",
            ResourcesPaths = [resourcesPath],
            ConfigFiles = configuration is null ? [] : [configFile],
            WorkingDirectory = folder.Path,
            GracefulShutdown = TimeSpan.FromSeconds(1),
        };
        var own = runtime is null ? CreateRuntime(folder, backends) : null;
        try
        {
            var sidecar = await Sidecar.StartAsync(runtime ?? own!, configure?.Invoke(options) ?? options, loggers ?? NullLoggerFactory.Instance, CancellationToken.None);
            if (waitUntilReady)
                await sidecar.Ready.Task.WaitAsync(TimeSpan.FromSeconds(20));
            return new TestSidecar(sidecar, own);
        }
        catch
        {
            if (own is not null)
                await own.DisposeAsync();
            throw;
        }
    }

    public static LocalRuntime CreateRuntime(TempFolder folder, Backends backends) =>
        new(new RuntimeOptions { Backends = backends, DataDirectory = folder.File("data"), Durability = Durability.Normal, StrictResources = true }, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Grpc.Dispose();
        await Sidecar.DisposeAsync();
        if (ownRuntime is not null)
            await ownRuntime.DisposeAsync();
    }
}
