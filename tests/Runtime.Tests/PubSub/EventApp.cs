using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace LocalDapr.Runtime.Tests.PubSub;

/// <summary>An event as the app got it.</summary>
internal sealed record Got(string Path, string Id, string? Key, JsonElement Event);

/// <summary>A small HTTP app that subscribes, remembers every event and answers as told.</summary>
internal sealed class EventApp : IAsyncDisposable
{
    private readonly WebApplication server;

    private EventApp(WebApplication server) => this.server = server;

    public int Port { get; private set; }

    public ConcurrentQueue<Got> Events { get; } = new();

    /// <summary>The status of the answer; 200 when not set.</summary>
    public Func<Got, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    /// <summary>The body of the answer; empty when not set.</summary>
    public Func<Got, string> Body { get; set; } = _ => "";

    public volatile bool IsHealthy = true;

    /// <param name="subscriptions">JSON of GET /dapr/subscribe.</param>
    /// <param name="port">0 for a free one.</param>
    public static async Task<EventApp> StartAsync(string subscriptions, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = new EventApp(builder.Build());
        app.server.Run(async http =>
        {
            switch (http.Request.Method, http.Request.Path.Value)
            {
                case ("GET", "/dapr/subscribe"):
                    await http.Response.WriteAsync(subscriptions);
                    break;
                case ("GET", _):
                    http.Response.StatusCode = http.Request.Path == "/healthz" && app.IsHealthy ? 200 : 500;
                    break;
                default:
                    using (var json = await JsonDocument.ParseAsync(http.Request.Body))
                    {
                        var root = json.RootElement.Clone();
                        var got = new Got(http.Request.Path, root.TryGetProperty("id", out var id) ? id.GetString()! : "", http.Request.Headers["partitionKey"], root);
                        app.Events.Enqueue(got);
                        http.Response.StatusCode = await app.Answer(got);
                        await http.Response.WriteAsync(app.Body(got));
                    }
                    break;
            }
        });
        await app.server.StartAsync();
        app.Port = new Uri(app.server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
        return app;
    }

    public IReadOnlyList<string> Ids(string? path = null) => [.. Events.Where(e => path is null || e.Path == path).Select(e => e.Id)];

    public Task HasAsync(int count, string? path = null) => Eventually.TrueAsync(() => Task.FromResult(Ids(path).Count >= count));

    public async ValueTask DisposeAsync() => await server.DisposeAsync();
}
