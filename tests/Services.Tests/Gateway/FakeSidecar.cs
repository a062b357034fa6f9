using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Quayside.Services.Tests.Gateway;

/// <summary>Answers service invocation as a script says and keeps what it was sent.</summary>
internal sealed class FakeSidecar : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeSidecar(WebApplication app) => this.app = app;

    public required Uri Address { get; init; }

    public ConcurrentQueue<Call> Calls { get; } = new();

    /// <summary>A call came whose body has not been read.</summary>
    public SemaphoreSlim Begun { get; } = new(0);

    /// <summary>What the app behind the sidecar does; the body has been read into the call.</summary>
    public Func<HttpContext, Call, Task> Script { get; set; } = (context, _) => context.Response.WriteAsync("ok");

    public static async Task<FakeSidecar> StartAsync(string jwks)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = null;
            k.ResponseHeaderEncodingSelector = name => name == "X-Latin1" ? Encoding.Latin1 : Encoding.UTF8;
        });
        var app = builder.Build();
        FakeSidecar? self = null;
        app.MapGet("/v1.0/invoke/auth-service/method/.well-known/jwks.json", () => jwks);
        app.MapFallback(async (HttpContext context) =>
        {
            self!.Begun.Release();
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var call = new Call(
                context.Request.Method,
                context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                Encoding.UTF8.GetString(body.ToArray()));
            self.Calls.Enqueue(call);
            await self.Script(context, call);
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return self = new FakeSidecar(app) { Address = new Uri(address) };
    }

    /// <summary>A script that answers with a status, and problem details if it is an error.</summary>
    public static Func<HttpContext, Call, Task> Status(int status, params (string Name, string Value)[] headers) => (context, _) =>
    {
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        return status < 400
            ? Results.Text("ok", statusCode: status).ExecuteAsync(context)
            : Results.Problem(statusCode: status).ExecuteAsync(context);
    };

    /// <summary>The sidecar's own error: the app could not be reached.</summary>
    public static Task NotDeliveredAsync(HttpContext context, Call call)
    {
        context.Response.StatusCode = 500;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: order-service, err: dial tcp 10.0.0.7:3002"}""");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    internal sealed record Call(string Method, string Target, Dictionary<string, string> Headers, string Body)
    {
        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
