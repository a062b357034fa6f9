using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.App;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LocalDapr.Runtime.Tests.Invocation;

public sealed class GrpcInvocationTests : IDisposable
{
    private const string Hello = "/my.pkg.Greeter/SayHello";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_method_with_letters_and_spaces_beyond_ASCII_reaches_an_HTTP_app_as_it_is()
    {
        await using var app = await TestApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port });
        await sidecar.Grpc.UnaryAsync(DaprMethods.InvokeService, new()
        {
            Id = "myapp",
            Message = new() { Method = "größe 1", HttpExtension = new() { Verb = Dapr.Proto.Common.V1.HTTPExtension.Types.Verb.Get } },
        });
        Assert.Contains(app.Calls, c => c.Path == "/größe 1");
    }

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
        await using var runtime = TestSidecar.CreateRuntime(folder, LocalDapr.Runtime.Hosting.Backends.Embedded);
        await using var callee = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppId = "callee", AppPort = app.Port, AppProtocol = AppProtocol.Grpc }, runtime: runtime);
        await using var caller = await TestSidecar.StartAsync(folder, [Retries], configure: o => o with { AppId = "caller" }, runtime: runtime);
        var answer = await caller.Grpc.UnaryAsync(Hello, Marshaller.Bytes, Marshaller.Bytes, "hi"u8.ToArray(), new CallOptions { Headers = [("dapr-app-id", "callee")] });
        Assert.Equal("hi"u8.ToArray(), answer.ToArray());
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_proxied_stream_goes_both_ways_message_by_message()
    {
        var services = new GrpcServices();
        services.Duplex(Hello, Marshaller.Bytes, Marshaller.Bytes, async (requests, answers, call) =>
        {
            await foreach (var request in requests)
                await answers.WriteAsync(request);
        });
        await using var app = await RawApp.StartAsync(services.HandleAsync, HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port, AppProtocol = AppProtocol.Grpc });
        using var stream = sidecar.Grpc.DuplexAsync(Hello, Marshaller.Bytes, Marshaller.Bytes, new CallOptions { Headers = [("dapr-app-id", "myapp")] });
        var answers = stream.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        for (byte i = 1; i <= 3; i++)
        {
            await stream.WriteAsync(new byte[] { i });
            Assert.True(await answers.MoveNextAsync());
            Assert.Equal([i], answers.Current.ToArray());
        }
        await stream.CompleteAsync();
        Assert.False(await answers.MoveNextAsync());
    }

    private const string Retries = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: rules}
        spec:
          policies:
            retries:
              r: {policy: constant, duration: 200ms, maxRetries: 2}
            timeouts: {t: 300ms}
          targets:
            apps:
              callee: {retry: r, timeout: t}
        """;
}
