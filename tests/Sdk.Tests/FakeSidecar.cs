using Dapr.Client;
using LocalDapr.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Sdk.Tests;

/// <summary>A sidecar's two endpoints on free ports, with the answers of one test.</summary>
internal sealed class FakeSidecar : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeSidecar(WebApplication app) => this.app = app;

    public string HttpEndpoint => app.Urls.First();

    public string GrpcEndpoint => app.Urls.Last();

    public static async Task<FakeSidecar> StartAsync(Action<GrpcServices>? grpc = null, RequestDelegate? http = null, string grpcUrl = "http://127.0.0.1:0")
    {
        var services = new GrpcServices();
        grpc?.Invoke(services);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, e => e.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, new Uri(grpcUrl).Port, e => e.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.Run(context => context.Request.Protocol == HttpProtocol.Http2 ? services.HandleAsync(context) : http?.Invoke(context) ?? Task.CompletedTask);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    public DaprClientBuilder Builder() => new DaprClientBuilder().UseHttpEndpoint(HttpEndpoint).UseGrpcEndpoint(GrpcEndpoint);

    public DaprClient Client() => Builder().Build();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
