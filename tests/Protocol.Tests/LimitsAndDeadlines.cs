using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Protocol.Tests;

public class LimitsAndDeadlines
{
    private static readonly GetStateRequest Long = new() { Key = new('x', 2000) };

    [Fact]
    public async Task Too_long_a_request_is_refused_by_the_server()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, _) => Task.FromResult(new GetStateResponse())), new() { MaxReceiveMessageSize = 1000 });
        using var channel = server.Channel();

        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, Long))).Status);
        await channel.UnaryAsync(DaprMethods.GetState, new() { Key = "short" });
    }

    [Fact]
    public async Task Megabytes_over_the_limit_are_refused_without_being_read()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, _) => Task.FromResult(new GetStateResponse())), new() { MaxReceiveMessageSize = 1000 });
        using var channel = server.Channel();

        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new() { Key = new('x', 20_000_000) }));

        Assert.Equal(StatusCode.ResourceExhausted, error.Status);
    }

    [Fact]
    public async Task Too_long_a_message_is_not_sent()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, _) => Task.FromResult(new GetStateResponse())));
        using var channel = server.Channel(new() { MaxSendMessageSize = 1000 });

        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, Long))).Status);
    }

    [Fact]
    public async Task Too_long_an_answer_is_refused_by_the_client_and_by_the_server()
    {
        static Task<GetStateResponse> Big(GetStateRequest request, ServerCallContext context) => Task.FromResult(new GetStateResponse { Etag = new('x', 2000) });
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, Big));
        using var channel = server.Channel(new() { MaxReceiveMessageSize = 1000 });
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()))).Status);

        await using var strict = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, Big), new() { MaxSendMessageSize = 1000 });
        using var other = strict.Channel();
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => other.UnaryAsync(DaprMethods.GetState, new()))).Status);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_at_both_ends()
    {
        var ended = new TaskCompletionSource<DateTimeOffset?>();
        await using var server = await GrpcServer.StartAsync(s => s.Unary<GetStateRequest, GetStateResponse>(DaprMethods.GetState, async (request, context) =>
        {
            if (request.Key == "warm up")
                return new();
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            finally
            {
                ended.SetResult(context.Deadline);
            }
            return new();
        }));
        using var channel = server.Channel();

        // Without a connection the time could be over before the call has left.
        await channel.UnaryAsync(DaprMethods.GetState, new() { Key = "warm up" });

        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new(), new() { Timeout = TimeSpan.FromMilliseconds(500) }));

        Assert.Equal(StatusCode.DeadlineExceeded, error.Status);
        Assert.NotNull(await ended.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task The_server_keeps_the_deadline_when_the_client_does_not()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary<GetStateRequest, GetStateResponse>(DaprMethods.GetState, async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new();
        }));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = Raw(server, [0, 0, 0, 0, 0]);
        request.Headers.Add("grpc-timeout", "50m");

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_deadline_that_passes_while_messages_go_out_still_sends_its_status()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Duplex<GetStateRequest, GetStateResponse>(DaprMethods.GetState.FullName, Marshaller.For(GetStateRequest.Parser), Marshaller.For(GetStateResponse.Parser), async (_, answers, context) =>
        {
            while (true)
                await answers.WriteAsync(new(), context.CancellationToken);
        }));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        for (var i = 0; i < 10; i++)
        {
            using var request = Raw(server, [0, 0, 0, 0, 0]);
            request.Headers.Add("grpc-timeout", "30m");

            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));
            await response.Content.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));

            // It stands in the headers when the time was over before the first message.
            var where = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
            Assert.Equal("4", where.GetValues("grpc-status").Single());
        }
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0a, 0xff })]
    public async Task A_frame_that_cannot_be_read_is_INTERNAL_as_gRPC_has_it(byte[] frame)
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, _) => Task.FromResult(new GetStateResponse())));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = Raw(server, frame);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData('x')]
    [InlineData('\u20ac')]
    public async Task An_error_of_any_length_reaches_the_client(char what)
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary<GetStateRequest, GetStateResponse>(DaprMethods.GetState,
            (_, _) => throw RpcException.From(new() { Code = (int)StatusCode.NotFound, Message = new(what, 50_000) })));
        using var channel = server.Channel();

        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new()));

        Assert.Equal((StatusCode.NotFound, new string(what, 500) + "..."), (error.Status, error.Detail));
    }

    [Fact]
    public async Task A_wrapped_number_that_is_cut_off_is_no_failure_of_the_handler()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(TaskHubMethods.CompleteWorkflowTask, (_, _) => Task.FromResult(new CompleteTaskResponse())));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        // numEventsProcessed says that five bytes follow.
        using var request = Raw(server, [0, 0, 0, 0, 2, 0x2a, 5]);
        request.RequestUri = new Uri(server.Address, TaskHubMethods.CompleteWorkflowTask.FullName);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_deadline_in_the_past_sends_nothing()
    {
        using var channel = new GrpcChannel(new("http://127.0.0.1:9"));

        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new(), new() { Deadline = DateTimeOffset.UnixEpoch }));

        Assert.Equal(StatusCode.DeadlineExceeded, error.Status);
    }

    [Fact]
    public async Task Cancelling_reaches_the_server_and_throws_what_dotnet_throws()
    {
        TaskCompletionSource began = new(), ended = new();
        await using var server = await GrpcServer.StartAsync(s => s.Unary<GetStateRequest, GetStateResponse>(DaprMethods.GetState, async (_, context) =>
        {
            began.SetResult();
            context.CancellationToken.Register(ended.SetResult);
            await ended.Task;
            return new();
        }));
        using var channel = server.Channel();
        using var cancel = new CancellationTokenSource();
        var call = channel.UnaryAsync(DaprMethods.GetState, new(), new() { CancellationToken = cancel.Token });
        await began.Task.WaitAsync(TimeSpan.FromSeconds(10));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory, InlineData("gzip", "0"), InlineData("deflate", "12"), InlineData(null, "12")]
    public async Task Compressed_requests_are_read_or_refused(string? encoding, string status)
    {
        string? seen = null;
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (r, _) => { seen = r.Key; return Task.FromResult(new GetStateResponse()); }));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionMode.Compress))
            new GetStateRequest { Key = new('k', 5000) }.WriteTo(zip);
        var body = new byte[5 + packed.ToArray().Length];
        body[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - 5);
        packed.ToArray().CopyTo(body, 5);
        using var request = Raw(server, body);
        if (encoding is not null)
            request.Headers.Add("grpc-encoding", encoding);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        var told = response.Headers.TryGetValues("grpc-status", out var values) ? values : response.TrailingHeaders.GetValues("grpc-status");
        Assert.Equal((status, status == "0" ? new string('k', 5000) : null), (told.Single(), seen));
    }

    [Theory, InlineData("100"), InlineData("0000000064" + "0a"), InlineData("00000000030a0561")]
    public async Task Broken_messages_are_internal_errors(string hex)
    {
        await using var server = await GrpcServer.StartAsync(s => s.Unary(DaprMethods.GetState, (_, _) => Task.FromResult(new GetStateResponse())));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = Raw(server, Convert.FromHexString(hex.Length % 2 == 0 ? hex : "0" + hex));

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    private static HttpRequestMessage Raw(GrpcServer server, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, DaprMethods.GetState.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        return request;
    }
}
