using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.App;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LocalDapr.Runtime.Tests.Invocation;

public sealed class GrpcInvocationTests : IDisposable
{
    private const string Hello = "/my.pkg.Greeter/SayHello";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_method_and_a_query_of_InvokeService_stay_in_the_request_line_whatever_they_hold()
    {
        (string? Path, string Query, bool IsInjected) seen = default;
        await using var app = await RawApp.StartAsync(http =>
        {
            if (http.Request.Method == HttpMethods.Put)
                seen = (http.Request.Path.Value, http.Request.Query["a"].ToString(), http.Request.Headers.ContainsKey("x-injected"));
            return Task.CompletedTask;
        });
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port });
        await sidecar.Grpc.UnaryAsync(DaprMethods.InvokeService, new()
        {
            Id = "myapp",
            Message = new() { Method = "größe 1", HttpExtension = new() { Verb = Dapr.Proto.Common.V1.HTTPExtension.Types.Verb.Put, Querystring = "a=o HTTP/1.1\r\nx-injected: 1" } },
        });
        Assert.Equal(("/größe 1", "o HTTP/1.1\r\nx-injected: 1", false), seen);
    }

    [Fact]
    public async Task A_content_type_of_InvokeService_that_ends_its_line_is_refused()
    {
        await using var app = await TestApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(folder, [], configure: o => o with { AppPort = app.Port });
        var refused = await Assert.ThrowsAsync<RpcException>(() => sidecar.Grpc.UnaryAsync(DaprMethods.InvokeService, new()
        {
            Id = "myapp",
            Message = new() { Method = "x", ContentType = "text/plain\r\nx-injected: 1", Data = new() { Value = Google.Protobuf.ByteString.CopyFromUtf8("x") } },
        }));
        Assert.Equal(StatusCode.InvalidArgument, refused.Status);
        Assert.DoesNotContain(app.Calls, c => c.Path == "/x");
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
