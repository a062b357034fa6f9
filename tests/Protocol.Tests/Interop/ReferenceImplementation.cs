using System.Text;
using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Protocol.Tests.Interop;

/// <summary>Our layer and the reference implementation must understand each other, whichever is the server.</summary>
public class ReferenceImplementation
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    [Fact]
    public async Task A_python_client_talks_to_our_server()
    {
        var left = new TaskCompletionSource();
        await using var server = await GrpcServer.StartAsync(services => services
            .Duplex("/test.Peer/Unary", Marshaller.Bytes, Marshaller.Bytes, async (requests, writer, context) =>
            {
                var request = await requests.SingleAsync();
                context.ResponseHeaders.Add("echo-text", context.RequestHeaders.Get("text") ?? "");
                context.ResponseHeaders.Add("echo-bin", context.RequestHeaders.GetBytes("some-bin") ?? []);
                context.ResponseTrailers.Add("end-bin", [7, 8]);
                if (Text(request) == "fail")
                    throw new RpcException(StatusCode.Aborted, "Käse 100%", [("why", "because")]);
                if (Text(request) == "hang")
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                await writer.WriteAsync(request);
            })
            .Duplex("/test.Peer/Stream", Marshaller.Bytes, Marshaller.Bytes, async (requests, writer, context) =>
            {
                var count = int.Parse(Text(await requests.SingleAsync()), System.Globalization.CultureInfo.InvariantCulture);
                try
                {
                    for (var i = 0; i < count; i++)
                        await writer.WriteAsync(Bytes($"{i}"));
                }
                catch (OperationCanceledException) when (count > 1000)
                {
                    left.SetResult();
                }
            })
            .Duplex("/test.Peer/Duplex", Marshaller.Bytes, Marshaller.Bytes, async (requests, writer, _) =>
            {
                await foreach (var request in requests)
                    await writer.WriteAsync(Bytes(Text(request) + "!"));
            }));

        using var python = Python.Start("client", server.Address.Authority);
        var output = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        Assert.True(output.Length > 0, await python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

        var seen = JsonNode.Parse(output)!;
        Assert.Equal(
            """{"unary":1000000,"headers":{"echo-text":"t","echo-bin":"00ff01"},"trailers":{"end-bin":"0708"},"error":["ABORTED","Käse 100%","because"],"deadline":["DEADLINE_EXCEEDED","Deadline Exceeded",null],"gzip":100000,"unknown":"UNIMPLEMENTED","stream":["0","1","2"],"duplex":["a!","b!"]}""",
            Without(seen, "long").ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("RESOURCE_EXHAUSTED", (string?)seen["long"]![0]);
        await left.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Our_client_talks_to_a_python_server()
    {
        using var python = Python.Start("server");
        try
        {
            var port = await python.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
            Assert.False(string.IsNullOrEmpty(port), "The server did not start.");
            using var channel = new GrpcChannel(new($"http://127.0.0.1:{port}"));
            Task<ReadOnlyMemory<byte>> Unary(ReadOnlyMemory<byte> message, CallOptions options = default) => channel.UnaryAsync("/test.Peer/Unary", Marshaller.Bytes, Marshaller.Bytes, message, options);
            Metadata headers = [], trailers = [];

            var answer = await Unary(new byte[1_000_000], new() { Headers = [("text", "t"), ("some-bin", [0, 255, 1])], ResponseHeaders = headers, ResponseTrailers = trailers });
            Assert.Equal((1_000_000, "t"), (answer.Length, headers.Get("echo-text")));
            Assert.Equal([0, 255, 1], headers.GetBytes("echo-bin"));
            Assert.Equal([7, 8], trailers.GetBytes("end-bin"));

            var error = await Assert.ThrowsAsync<RpcException>(() => Unary(Bytes("fail")));
            Assert.Equal((StatusCode.Aborted, "Käse 100%"), (error.Status, error.Detail));
            Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => Unary(Bytes("hang"), new() { Timeout = TimeSpan.FromMilliseconds(200) }))).Status);
            Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync("/test.Peer/Nothing", Marshaller.Bytes, Marshaller.Bytes, default))).Status);

            Assert.Equal(["0", "1", "2"], await channel.ServerStreamAsync("/test.Peer/Stream", Marshaller.Bytes, Marshaller.Bytes, Bytes("3")).Select(Text).ToListAsync());
            await using var call = channel.DuplexAsync("/test.Peer/Duplex", Marshaller.Bytes, Marshaller.Bytes);
            await using var answers = call.ReadAllAsync().GetAsyncEnumerator();
            await call.WriteAsync(Bytes("a"));
            Assert.True(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
            Assert.Equal("a!", Text(answers.Current));
            await call.CompleteAsync();
            Assert.False(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
        }
        finally
        {
            python.StandardInput.Close();
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static JsonNode Without(JsonNode node, string name)
    {
        var copy = node.DeepClone();
        copy.AsObject().Remove(name);
        return copy;
    }
}
