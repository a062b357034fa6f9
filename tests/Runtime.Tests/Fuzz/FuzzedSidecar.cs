using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>A sidecar with components of every kind and an app that takes everything; it knows what must still hold after any nonsense.</summary>
internal sealed class FuzzedSidecar : IAsyncDisposable
{
    private const string Topic = "wanted";

    private readonly TempFolder folder;
    private readonly RawApp app;
    private readonly TestSidecar sidecar;
    private readonly RecordedErrors errors;
    private readonly OpenConnections connections;
    private readonly ConcurrentDictionary<string, bool> delivered;
    private readonly string[] stores;

    private FuzzedSidecar(TempFolder folder, RawApp app, TestSidecar sidecar, RecordedErrors errors, OpenConnections connections, ConcurrentDictionary<string, bool> delivered)
    {
        (this.folder, this.app, this.sidecar, this.errors, this.connections, this.delivered) = (folder, app, sidecar, errors, connections, delivered);
        stores = [.. Components.Where(name => name.StartsWith("state", StringComparison.Ordinal))];
    }

    public Sidecar Sidecar => sidecar.Sidecar;

    public string[] Components => [.. Sidecar.Components.Select(c => c.Name)];

    public static async Task<FuzzedSidecar> StartAsync(Backends backends)
    {
        var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("secrets.json"), """{"k":"v"}""");
        var delivered = new ConcurrentDictionary<string, bool>();
        var errors = new RecordedErrors();
        var app = await RawApp.StartAsync(http =>
        {
            if (http.Request.Headers.ContainsKey("x-injected"))
                errors.All.Enqueue($"a text of a client became a header of {http.Request.Method} {http.Request.Path}");
            return AnswerAsync(http, delivered);
        });
        var connections = new OpenConnections();
        List<string> resources =
        [
            Yaml.Component("state", "state.in-memory", ("actorStateStore", "true")),
            Yaml.Component("statefile", "state.sqlite", ("connectionString", "state.db")),
            Yaml.Component("pubsub", "pubsub.in-memory"),
            Yaml.Component("files", "bindings.localstorage", ("rootPath", folder.File("files"))),
            Yaml.Component("web", "bindings.http", ("url", $"http://127.0.0.1:{app.Port}/web")),
            Yaml.Component("tick", "bindings.cron", ("schedule", "@every 1h"), ("direction", "input")),
            Yaml.Component("secrets", "secretstores.local.file", ("secretsFile", "secrets.json")),
        ];
        if (backends == Backends.Embedded)
            resources.AddRange([Yaml.Component("locks", "lock.redis"), Yaml.Component("settings", "configuration.redis")]);
        var sidecar = await TestSidecar.StartAsync(folder, resources, backends, configure: o => o with { AppPort = app.Port }, loggers: errors);
        var fuzzed = new FuzzedSidecar(folder, app, sidecar, errors, connections, delivered);
        using var http = fuzzed.CreateHttp();
        foreach (var store in fuzzed.stores)
            Assert.Equal(HttpStatusCode.NoContent, await PostAsync(http, $"state/{store}", new JsonArray(new JsonObject { ["key"] = "kept", ["value"] = "as it was" })));
        return fuzzed;
    }

    public GrpcChannel CreateChannel() => new(new Uri($"http://127.0.0.1:{Sidecar.GrpcPort}/"));

    /// <summary>New connections are served by every building block, what was written is there, no handler runs on, and nothing failed behind the answers.</summary>
    public async Task AssertUnharmedAsync()
    {
        await AssertServesAsync();
        await Eventually.TrueAsync(() => connections.On(Sidecar.HttpPort) == 0 && connections.On(Sidecar.GrpcPort) == 0);
        Assert.Empty(errors.All);
    }

    private async Task AssertServesAsync()
    {
        using var fresh = CreateHttp();
        using var channel = CreateChannel();
        foreach (var store in stores)
        {
            Assert.Equal("\"as it was\"", await fresh.GetStringAsync(new Uri($"state/{store}/kept", UriKind.Relative)));
            var read = await channel.UnaryAsync(DaprMethods.GetState, new GetStateRequest { StoreName = store, Key = "kept" }, new() { Timeout = RawConnection.Bound });
            Assert.Equal("\"as it was\"", read.Data.ToStringUtf8());
        }
        var id = Guid.NewGuid().ToString();
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(fresh, $"publish/pubsub/{Topic}", id));
        await Eventually.TrueAsync(() => delivered.ContainsKey(id));
        Assert.Equal(HttpStatusCode.OK, (await fresh.GetAsync(new Uri("invoke/myapp/method/x", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(fresh, $"workflows/dapr/W/start?instanceID={id}", ""));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(fresh, $"jobs/{id}", new JsonObject { ["dueTime"] = "1h" }));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(fresh, "bindings/files", new JsonObject { ["operation"] = "create", ["data"] = "x", ["metadata"] = new JsonObject { ["fileName"] = id } }));
        Assert.Equal(HttpStatusCode.NoContent, (await fresh.GetAsync(new Uri("healthz", UriKind.Relative))).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await sidecar.DisposeAsync();
        await app.DisposeAsync();
        connections.Dispose();
        folder.Dispose();
    }

    private HttpClient CreateHttp() => new() { BaseAddress = new Uri($"http://127.0.0.1:{Sidecar.HttpPort}/v1.0/"), Timeout = RawConnection.Bound };

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, string path, JsonNode body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return answer.StatusCode;
    }

    private static async Task AnswerAsync(HttpContext http, ConcurrentDictionary<string, bool> delivered)
    {
        if (http.Request.Path == "/dapr/subscribe")
            await http.Response.WriteAsync($$$"""[{"pubsubname":"pubsub","topic":"{{{Topic}}}","routes":{"rules":[{"match":"event.type == 'x'","path":"/other"}],"default":"/events"}}]""");
        else if (http.Request.Path == "/events")
            await NoteAsync(http.Request, delivered);
        else
            await http.Request.Body.CopyToAsync(Stream.Null);
    }

    private static async Task NoteAsync(HttpRequest request, ConcurrentDictionary<string, bool> delivered)
    {
        using var json = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 2000 });
        if (json.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.String)
            delivered[data.GetRawText().Trim('"')] = true;
    }
}
