using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LocalDapr.Runtime.Tests;

/// <summary>An app on a free port whose test handles every request itself: HTTP/1.1, or HTTP/2 for gRPC.</summary>
internal sealed class RawApp : IAsyncDisposable
{
    private readonly WebApplication server;

    private RawApp(WebApplication server, int port) => (this.server, Port) = (server, port);

    public int Port { get; }

    public static async Task<RawApp> StartAsync(RequestDelegate handler, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        var server = builder.Build();
        server.Run(handler);
        await server.StartAsync();
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new RawApp(server, new Uri(address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await server.StopAsync(limit.Token);
        await server.DisposeAsync();
    }
}
