using LocalDapr.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Protocol.Tests;

/// <summary>A real Kestrel on a free port that serves the handlers of one test.</summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private GrpcServer(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.Single());

    public static async Task<GrpcServer> StartAsync(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    public static Task<GrpcServer> StartAsync(Action<GrpcServices> configure, GrpcServicesOptions? options = null)
    {
        var services = new GrpcServices(options);
        configure(services);
        return StartAsync(services.HandleAsync);
    }

    public GrpcChannel Channel(GrpcChannelOptions? options = null) => new(Address, options: options);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
