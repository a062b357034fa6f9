using System.Net;
using System.Text;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.PubSub;

/// <summary>A runtime with the embedded broker and one component <c>pubsub</c> of a type that needs a server elsewhere.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly TempFolder folder;
    private readonly List<TestSidecar> sidecars = [];

    public Broker(TempFolder folder, EmbeddedFaults faults = EmbeddedFaults.None)
    {
        this.folder = folder;
        Runtime = new LocalRuntime(new RuntimeOptions { Backends = Backends.Embedded, DataDirectory = folder.File("data"), Faults = faults }, TimeProvider.System);
    }

    public LocalRuntime Runtime { get; }

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

    public static async Task PublishAsync(HttpClient http, string topic, string id, string? key = null, string more = "")
    {
        var partition = key is null ? "" : $"&metadata.partitionKey={key}";
        using var body = new StringContent($"\"{id}\"", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"v1.0/publish/pubsub/{topic}?metadata.cloudevent.id={id}{partition}{more}", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>Bulk publishes events with the ids 0, 1, 2 and so on.</summary>
    public static async Task PublishManyAsync(HttpClient http, string topic, int count, Func<int, string> key)
    {
        foreach (var batch in Enumerable.Range(0, count).Chunk(200))
        {
            var entries = batch.Select(n => $$$"""{"entryId":"{{{n}}}","event":{{{n}}},"contentType":"application/json","metadata":{"partitionKey":"{{{key(n)}}}","cloudevent.id":"{{{n}}}"}}""");
            using var body = new StringContent($"[{string.Join(',', entries)}]", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri($"v1.0/publish/bulk/pubsub/{topic}", UriKind.Relative), body);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }
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
