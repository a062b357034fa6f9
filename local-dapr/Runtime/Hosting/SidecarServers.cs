using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Invocation;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The listening ports of one sidecar: HTTP/1.1 for the HTTP API, HTTP/2 without TLS for gRPC.</summary>
internal sealed class SidecarServers(SidecarContext context, ApiRoutes routes, GrpcServices grpc) : IAsyncDisposable
{
    private WebApplication? http;
    private WebApplication? grpcServer;
    private WebApplication? internalServer;
    private WebApplication? publicServer;
    private WebApplication? metricsServer;

    public int HttpPort { get; private set; }

    public int GrpcPort { get; private set; }

    /// <summary>Where sidecars of other processes call; 0 when no name resolution is configured.</summary>
    public int InternalPort { get; private set; }

    public int MetricsPort { get; private set; }

    public async Task StartAsync(CancellationToken cancellation)
    {
        http = Build(context.Options.HttpPort, HttpProtocols.Http1, new HttpPipeline(context, routes).HandleAsync);
        grpcServer = Build(context.Options.GrpcPort, HttpProtocols.Http2, new GrpcPipeline(context, grpc).HandleAsync);
        HttpPort = await StartAsync(http, "--dapr-http-port", context.Options.HttpPort, cancellation);
        GrpcPort = await StartAsync(grpcServer, "--dapr-grpc-port", context.Options.GrpcPort, cancellation);
        if (context.Names is { } names)
        {
            internalServer = Build(context.Options.InternalGrpcPort, HttpProtocols.Http2, new InternalPipeline(context.Feature<InvocationFeature>(), names.Token).HandleAsync);
            InternalPort = await StartAsync(internalServer, "--dapr-internal-grpc-port", context.Options.InternalGrpcPort, cancellation);
        }
        if (context.Options.PublicPort is { } publicPort)
        {
            publicServer = Build(publicPort, HttpProtocols.Http1, new PublicPipeline(routes).HandleAsync);
            await StartAsync(publicServer, "--dapr-public-port", publicPort, cancellation);
        }
        if (context.Options.EnableMetrics)
        {
            metricsServer = Build(context.Options.MetricsPort, HttpProtocols.Http1, WriteMetricsAsync);
            MetricsPort = await StartAsync(metricsServer, "--metrics-port", context.Options.MetricsPort, cancellation);
        }
    }

    private Task WriteMetricsAsync(HttpContext call)
    {
        call.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return call.Response.WriteAsync(context.Metrics.Write());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in new[] { http, grpcServer, internalServer, publicServer, metricsServer })
        {
            if (server is null)
                continue;
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await server.StopAsync(limit.Token);
            await server.DisposeAsync();
        }
    }

    private static async Task<int> StartAsync(WebApplication server, string flag, int port, CancellationToken cancellation)
    {
        try
        {
            await server.StartAsync(cancellation);
        }
        catch (IOException failure)
        {
            throw new PortTakenException(port, flag, failure);
        }
        var address = server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new Uri(address).Port;
    }

    private WebApplication Build(int port, HttpProtocols protocols, RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
            kestrel.Limits.MaxRequestBodySize = protocols == HttpProtocols.Http2 ? null : context.Options.MaxBodySize;
            kestrel.Limits.MaxRequestHeadersTotalSize = context.Options.ReadBufferSize;
            kestrel.Limits.MaxRequestLineSize = Math.Min(8 << 10, context.Options.ReadBufferSize);
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.Http2.MaxStreamsPerConnection = int.MaxValue;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 1 << 20;
            kestrel.Limits.Http2.InitialStreamWindowSize = 512 << 10;
            foreach (var address in context.Options.ListenAddresses.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                kestrel.Listen(IPAddress.Parse(address is "localhost" ? "127.0.0.1" : address), port, listen => listen.Protocols = protocols);
        });
        builder.Services.AddSingleton(context.Loggers);
        var app = builder.Build();
        app.Run(handler);
        return app;
    }
}

/// <summary>A port of the sidecar is in use by another process.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Always made with the port and its flag.")]
public sealed class PortTakenException(int port, string flag, Exception inner)
    : Exception($"port {port} ({flag}) is in use{PortHolder.Describe(port)}. Stop that process or choose another port.", inner);
