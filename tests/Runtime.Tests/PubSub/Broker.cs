using System.Net;
using System.Text;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.PubSub;

/// <summary>A runtime with the embedded broker and one component <c>pubsub</c> of a type that needs a server elsewhere.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly TempFolder folder;
    private readonly EmbeddedFaults faults;
    private readonly List<TestSidecar> sidecars = [];

    public Broker(TempFolder folder, EmbeddedFaults faults = EmbeddedFaults.None)
    {
        (this.folder, this.faults) = (folder, faults);
        Runtime = new LocalRuntime(new RuntimeOptions { Backends = Backends.Embedded, DataDirectory = folder.File("data"), Faults = faults }, TimeProvider.System);
    }

    public LocalRuntime Runtime { get; private set; }

    public async Task<TestSidecar> SidecarAsync(string appId, EventApp? app = null, bool healthChecks = false, string[]? resources = null, params (string, string)[] metadata)
    {
        var sidecar = await TestSidecar.StartAsync(folder, [Yaml.Component("pubsub", "pubsub.redis", metadata), .. resources ?? []], runtime: Runtime, configure: options => options with
        {
            AppId = appId,
            AppPort = app?.Port ?? 0,
            EnableAppHealthCheck = healthChecks,
            AppHealthProbeInterval = TimeSpan.FromMilliseconds(100),
            AppHealthThreshold = 1,
        });
        sidecars.Add(sidecar);
        return sidecar;
    }

    /// <summary>Stops all sidecars and the runtime, and begins anew with the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Runtime = new LocalRuntime(new RuntimeOptions { Backends = Backends.Embedded, DataDirectory = folder.File("data"), Faults = faults }, TimeProvider.System);
    }

    public static async Task PublishAsync(HttpClient http, string topic, string id, string? key = null, string more = "")
    {
        var partition = key is null ? "" : $"&metadata.partitionKey={key}";
        using var body = new StringContent($"\"{id}\"", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"v1.0/publish/pubsub/{topic}?metadata.cloudevent.id={id}{partition}{more}", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StopAsync()
    {
        foreach (var sidecar in sidecars)
            await sidecar.DisposeAsync();
        sidecars.Clear();
        await Runtime.DisposeAsync();
    }
}
