using System.Net;
using System.Net.Sockets;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Protocol.Tests;

public class UnaryCalls
{
    private static Task<GetStateResponse> Echo(GetStateRequest request, ServerCallContext context) =>
        Task.FromResult(new GetStateResponse { Data = ByteString.CopyFromUtf8(request.Key), Etag = request.StoreName });

    [Fact]
    public async Task An_answer_comes_back()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, Echo));
        using var channel = server.Channel();

        var answer = await channel.UnaryAsync(DaprMethods.GetState, new() { StoreName = "store", Key = "k" });

        Assert.Equal(("k", "store"), (answer.Data.ToStringUtf8(), answer.Etag));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(16 * 1024 - 5), InlineData(100_000), InlineData(1024 * 1024), InlineData(4 * 1024 * 1024 - 64)]
    public async Task Messages_of_any_size_cross_frame_borders(int size)
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, Echo));
        using var channel = server.Channel();
        var text = string.Create(size, size, static (span, seed) => { for (var i = 0; i < span.Length; i++) span[i] = (char)('a' + (i * 31 + seed) % 26); });

        var answer = await channel.UnaryAsync(DaprMethods.GetState, new() { Key = text });

        Assert.Equal(text, answer.Data.ToStringUtf8());
    }

    [Fact]
    public async Task Many_calls_share_one_connection()
    {
        var connections = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (request, context) =>
        {
            connections.TryAdd(context.HttpContext.Connection.Id, true);
            return Echo(request, context);
        }));
        using var channel = server.Channel();
        await channel.UnaryAsync(DaprMethods.GetState, new() { Key = "first" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => channel.UnaryAsync(DaprMethods.GetState, new() { Key = $"{i}" })));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), answers.Select(a => a.Data.ToStringUtf8()));
        Assert.Single(connections);
    }

    [Fact]
    public async Task Metadata_travels_both_ways_text_and_bytes()
    {
        Metadata? seen = null;
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (request, context) =>
        {
            seen = context.RequestHeaders;
            context.ResponseHeaders.Add("server-says", "hello");
            context.ResponseHeaders.Add("server-bin", [0, 255, 1]);
            context.ResponseTrailers.Add("after-bin", [7, 8, 9, 10]);
            context.ResponseTrailers.Add("after", "all");
            return Echo(request, context);
        }));
        using var channel = server.Channel(new() { ApiToken = "secret" });
        Metadata headers = [], trailers = [];

        await channel.UnaryAsync(DaprMethods.GetState, new(), new()
        {
            Headers = [("Caller", "one"), ("caller", "two"), ("trace-bin", [1, 2, 3, 250, 4])],
            ResponseHeaders = headers,
            ResponseTrailers = trailers,
        });

        // HttpClient joins repeated headers, which HTTP holds to be the same.
        Assert.Equal("one, two", seen!.Get("caller"));
        Assert.Equal([1, 2, 3, 250, 4], seen!.GetBytes("trace-bin"));
        Assert.Equal("secret", seen!.Get("dapr-api-token"));
        Assert.Null(seen!.Get("te"));
        Assert.Equal(("hello", "all"), (headers.Get("server-says"), trailers.Get("after")));
        Assert.Equal([0, 255, 1], headers.GetBytes("server-bin"));
        Assert.Equal([7, 8, 9, 10], trailers.GetBytes("after-bin"));
    }

    [Fact]
    public async Task An_error_carries_code_message_trailers_and_details()
    {
        var rich = new Google.Rpc.Status { Code = (int)StatusCode.Aborted, Message = "Käse 100% 失敗\nline two" };
        rich.Details.Add(Google.Protobuf.WellKnownTypes.Any.Pack(new Google.Rpc.ErrorInfo { Reason = "DAPR_X", Domain = "dapr.io" }));
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, context) =>
        {
            context.ResponseTrailers.Add("more", "yes");
            throw RpcException.From(rich);
        }));
        using var channel = server.Channel();

        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()));

        Assert.Equal((StatusCode.Aborted, rich.Message, "yes"), (error.Status, error.Detail, error.Trailers.Get("more")));
        Assert.Equal(rich, error.RichStatus);
        Assert.Equal("DAPR_X", error.RichStatus!.Details[0].Unpack<Google.Rpc.ErrorInfo>().Reason);
    }

    [Fact]
    public async Task An_unexpected_exception_is_unknown()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, _) => throw new InvalidOperationException("boom")));
        using var channel = server.Channel();

        Assert.Equal(StatusCode.Unknown, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()))).Status);
    }

    [Fact]
    public async Task A_method_without_handler_is_unimplemented_or_goes_to_the_fallback()
    {
        await using var none = await GrpcServer.StartAsync(_ => { });
        using var channel = none.Channel();
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()))).Status);

        await using var some = await GrpcServer.StartAsync(s => s.Fallback(http => GrpcServices.FailAsync(http, new(StatusCode.Unknown, http.Request.Path))));
        using var other = some.Channel();
        var error = await Assert.ThrowsAsync<RpcException>(() => other.UnaryAsync(DaprMethods.GetState, new()));
        Assert.Equal((StatusCode.Unknown, DaprMethods.GetState.FullName), (error.Status, error.Detail));
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var channel = new GrpcChannel(new($"http://{socket.LocalEndPoint}"));

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()))).Status);
    }

    [Fact]
    public async Task A_server_that_dies_within_a_call_is_unavailable()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, context) =>
        {
            context.HttpContext.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>()!.Abort();
            return Task.FromResult(new GetStateResponse());
        }));
        using var channel = server.Channel();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()))).Status);
    }

    [Theory, InlineData(404, StatusCode.Unimplemented), InlineData(503, StatusCode.Unavailable), InlineData(401, StatusCode.Unauthenticated), InlineData(200, StatusCode.Unknown)]
    public async Task An_answer_that_is_no_grpc_has_a_fitting_code(int http, StatusCode expected)
    {
        await using var server = await GrpcServer.StartAsync(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });
        using var channel = server.Channel();

        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()))).Status);
    }
}
