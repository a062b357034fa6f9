using System.Net;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.App;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LocalDapr.Runtime.Tests.Invocation;

/// <summary>Two runtimes that know each other only by the file of the name resolution, as two processes do.</summary>
public sealed class RemoteInvocationTests : IDisposable
{
    private const string Hello = "/my.pkg.Greeter/SayHello";

    private const string Retries = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: rules}
        spec:
          policies:
            retries:
              r: {policy: constant, duration: 50ms, maxRetries: 2}
            timeouts: {t: 3s}
          targets:
            apps:
              callee: {retry: r, timeout: t}
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_proxied_call_is_repeated_under_a_retry_policy_until_it_succeeds()
    {
        var calls = 0;
        var services = new GrpcServices();
        services.Duplex(Hello, Marshaller.Bytes, Marshaller.Bytes, async (requests, answers, call) =>
        {
            calls++;
            await foreach (var request in requests)
            {
                if (calls < 3)
                    throw new RpcException(calls == 1 ? StatusCode.Unavailable : StatusCode.Internal, "not yet");
                await answers.WriteAsync(request);
            }
        });
        await using var app = await RawApp.StartAsync(services.HandleAsync, HttpProtocols.Http2);
        await using var callee = await StartAsync("callee", app.Port, AppProtocol.Grpc);
        await using var caller = await StartAsync("caller", 0, resource: Retries);
        var answer = await caller.Grpc.UnaryAsync(Hello, Marshaller.Bytes, Marshaller.Bytes, "hi"u8.ToArray(), new CallOptions { Headers = [("dapr-app-id", "callee")] });
        Assert.Equal("hi"u8.ToArray(), answer.ToArray());
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task The_internal_port_refuses_who_does_not_know_the_token()
    {
        await using var app = await RawApp.StartAsync(http => http.Response.WriteAsync("secret"));
        await using var callee = await StartAsync("callee", app.Port);
        await using var caller = await StartAsync("caller", 0);
        Assert.Equal("secret", await caller.Http.GetStringAsync(new Uri("v1.0/invoke/callee/method/x", UriKind.Relative)));

        using var stranger = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        stranger.DefaultRequestHeaders.Add("dapr-internal-token", Guid.NewGuid().ToString());
        using var response = await stranger.GetAsync(new Uri($"http://127.0.0.1:{callee.Sidecar.InternalPort}/x"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_sidecar_that_stopped_is_nobodys_host_at_once()
    {
        await using var app = await RawApp.StartAsync(http => http.Response.WriteAsync("ok"));
        var callee = await StartAsync("callee", app.Port);
        await using var caller = await StartAsync("caller", 0);
        Assert.Equal("ok", await caller.Http.GetStringAsync(new Uri("v1.0/invoke/callee/method/x", UriKind.Relative)));
        await callee.DisposeAsync();
        using var response = await caller.Http.GetAsync(new Uri("v1.0/invoke/callee/method/x", UriKind.Relative));
        Assert.Contains("no host found", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<TestSidecar> StartAsync(string appId, int port, AppProtocol protocol = AppProtocol.Http, string? resource = null) => TestSidecar.StartAsync(
        folder,
        resource is null ? [] : [resource],
        configuration: $$$"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: {name: cfg}
            spec:
              nameResolution: {component: sqlite, version: v1, configuration: {connectionString: "{{{folder.File("names.db")}}}"}}
            """,
        configure: o => o with { AppId = appId, AppPort = port, AppProtocol = protocol });
}
