using System.Text;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Protocol.Tests;

public class StreamingCalls
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static SubscribeTopicEventsRequestAlpha1 Processed(string id) => new() { EventProcessed = new() { Id = id } };

    private static SubscribeTopicEventsResponseAlpha1 Event(string id) => new() { EventMessage = new() { Id = id } };

    [Fact]
    public async Task A_server_stream_arrives_in_order_and_ends()
    {
        await using var server = await GrpcServer.StartAsync(s => s.ServerStream(DaprMethods.SubscribeConfiguration, async (request, writer, _) =>
        {
            for (var i = 0; i < 100; i++)
                await writer.WriteAsync(new() { Id = request.StoreName + i });
        }));
        using var channel = server.Channel();

        var ids = await channel.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new() { StoreName = "s" }).Select(m => m.Id).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"s{i}"), ids);
    }

    [Fact]
    public async Task Each_message_of_a_stream_leaves_at_once()
    {
        var release = new TaskCompletionSource();
        await using var server = await GrpcServer.StartAsync(s => s.ServerStream(DaprMethods.SubscribeConfiguration, async (_, writer, _) =>
        {
            await writer.WriteAsync(new() { Id = "first" });
            await release.Task;
            await writer.WriteAsync(new() { Id = "second" });
        }));
        using var channel = server.Channel();

        await using var messages = channel.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new()).GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience));
        release.SetResult();
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.False(await messages.MoveNextAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_stream_that_fails_late_gives_its_messages_first()
    {
        await using var server = await GrpcServer.StartAsync(s => s.ServerStream(DaprMethods.SubscribeConfiguration, async (_, writer, _) =>
        {
            await writer.WriteAsync(new() { Id = "one" });
            throw new RpcException(StatusCode.DataLoss, "late");
        }));
        using var channel = server.Channel();
        var ids = new List<string>();

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var message in channel.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new()))
                ids.Add(message.Id);
        });

        Assert.Equal((StatusCode.DataLoss, "late"), (error.Status, error.Detail));
        Assert.Equal(["one"], ids);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Leaving_a_stream_early_cancels_it_at_the_server(bool byToken)
    {
        var ended = new TaskCompletionSource();
        await using var server = await GrpcServer.StartAsync(s => s.ServerStream(DaprMethods.SubscribeConfiguration, async (_, writer, context) =>
        {
            context.CancellationToken.Register(ended.SetResult);
            await writer.WriteAsync(new() { Id = "one" });
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }));
        using var channel = server.Channel();
        using var cancel = new CancellationTokenSource();

        var reading = Task.Run(async () =>
        {
            await foreach (var _ in channel.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new()).WithCancellation(cancel.Token))
                if (byToken)
                    await cancel.CancelAsync();
                else
                    break;
        });

        if (byToken)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        else
            await reading;
        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Writing_to_a_client_that_has_left_fails()
    {
        var result = new TaskCompletionSource<Exception?>();
        await using var server = await GrpcServer.StartAsync(s => s.ServerStream(DaprMethods.SubscribeConfiguration, async (_, writer, context) =>
        {
            await writer.WriteAsync(new() { Id = "one" });
            var left = new TaskCompletionSource();
            context.CancellationToken.Register(left.SetResult);
            await left.Task;
            result.SetResult(await Record.ExceptionAsync(() => writer.WriteAsync(new() { Id = "two" }).AsTask()));
        }));
        using var channel = server.Channel();

        await foreach (var _ in channel.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new()))
            break;

        Assert.IsAssignableFrom<OperationCanceledException>(await result.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Both_sides_talk_in_turn()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Duplex(DaprMethods.SubscribeTopicEventsAlpha1, async (requests, writer, _) =>
        {
            await foreach (var request in requests)
                await writer.WriteAsync(Event(request.EventProcessed.Id + "!"));
            await writer.WriteAsync(Event("end"));
        }));
        using var channel = server.Channel();
        await using var call = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);
        await using var answers = call.ReadAllAsync().GetAsyncEnumerator();

        foreach (var id in (string[])["a", "b", new string('c', 200_000)])
        {
            await call.WriteAsync(Processed(id)).WaitAsync(Patience);
            Assert.True(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
            Assert.Equal(id + "!", answers.Current.EventMessage.Id);
        }
        await call.CompleteAsync();

        Assert.True(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal("end", answers.Current.EventMessage.Id);
        Assert.False(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_server_may_speak_first()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Duplex(DaprMethods.SubscribeTopicEventsAlpha1, async (requests, writer, _) =>
        {
            await writer.WriteAsync(Event("hello"));
            await foreach (var ignored in requests) { }
        }));
        using var channel = server.Channel();
        await using var call = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);
        await using var answers = call.ReadAllAsync().GetAsyncEnumerator();

        Assert.True(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
        await call.CompleteAsync();
        Assert.False(await answers.MoveNextAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_refused_stream_tells_reader_and_writer_why()
    {
        await using var server = await GrpcServer.StartAsync(s => s.Duplex(DaprMethods.SubscribeTopicEventsAlpha1, (_, _, _) => throw new RpcException(StatusCode.PermissionDenied, "no")));
        using var channel = server.Channel();
        await using var call = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);

        var read = await Assert.ThrowsAsync<RpcException>(async () => await call.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync().AsTask().WaitAsync(Patience));
        // What is written while the end is on its way may still be taken.
        var write = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var deadline = DateTime.UtcNow + Patience; DateTime.UtcNow < deadline;)
                await call.WriteAsync(Processed("x")).WaitAsync(Patience);
        });

        Assert.Equal((StatusCode.PermissionDenied, StatusCode.PermissionDenied), (read.Status, write.Status));
    }

    [Fact]
    public async Task Disposing_a_call_cancels_it_at_the_server()
    {
        TaskCompletionSource began = new(), ended = new();
        await using var server = await GrpcServer.StartAsync(s => s.Duplex(DaprMethods.SubscribeTopicEventsAlpha1, async (requests, _, context) =>
        {
            context.CancellationToken.Register(ended.SetResult);
            await foreach (var request in requests)
                began.SetResult();
        }));
        using var channel = server.Channel();
        var call = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);
        await call.WriteAsync(Processed("x")).WaitAsync(Patience);
        await began.Task.WaitAsync(Patience);

        call.Dispose();

        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Headers_sent_early_tell_that_the_call_was_taken()
    {
        var release = new TaskCompletionSource();
        await using var server = await GrpcServer.StartAsync(s => s.Duplex(DaprMethods.SubscribeTopicEventsAlpha1, async (_, _, context) =>
        {
            await context.SendHeadersAsync();
            await release.Task;
        }));
        using var channel = server.Channel();
        await using var call = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);

        await call.WaitForHeadersAsync().WaitAsync(Patience);
        release.SetResult();
        await call.CompleteAsync();
        Assert.False(await call.ReadAllAsync().AnyAsync());
    }

    [Fact]
    public async Task Raw_bytes_pass_through_a_proxy_untouched()
    {
        await using var server = await GrpcServer.StartAsync(s => s
            .Unary(DaprMethods.GetState, (r, c) => r.Key == "bad" ? throw new RpcException(StatusCode.NotFound, "not there") : Task.FromResult(new GetStateResponse { Etag = r.Key }))
            .Duplex(DaprMethods.SubscribeTopicEventsAlpha1, async (requests, writer, _) =>
            {
                await foreach (var request in requests)
                    await writer.WriteAsync(Event(request.EventProcessed.Id));
            }));
        using var inner = server.Channel();
        GrpcServices proxy = new();
        proxy.Fallback(http => proxy.HandleBytesAsync(http, async (requests, writer, context) =>
        {
            await using var call = inner.DuplexAsync(context.Method, Marshaller.Bytes, Marshaller.Bytes, new() { Headers = context.RequestHeaders, CancellationToken = context.CancellationToken });
            var sending = Task.Run(async () =>
            {
                await foreach (var message in requests)
                    await call.WriteAsync(message);
                await call.CompleteAsync();
            });
            await foreach (var message in call.ReadAllAsync())
                await writer.WriteAsync(message);
            await sending;
        }));
        await using var front = await GrpcServer.StartAsync(proxy.HandleAsync);
        using var channel = front.Channel();

        Assert.Equal("k", (await channel.UnaryAsync(DaprMethods.GetState, new() { Key = "k" })).Etag);
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(DaprMethods.GetState, new() { Key = "bad" }));
        Assert.Equal((StatusCode.NotFound, "not there"), (error.Status, error.Detail));
        await using var duplex = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);
        await duplex.WriteAsync(Processed("1"));
        await duplex.CompleteAsync();
        Assert.Equal(["1"], await duplex.ReadAllAsync().Select(m => m.EventMessage.Id).ToListAsync());
    }

    [Fact]
    public async Task Several_writers_do_not_mix_their_messages()
    {
        await using var server = await GrpcServer.StartAsync(s => s.ServerStream(DaprMethods.SubscribeConfiguration, (_, writer, _) =>
            Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                    await writer.WriteAsync(new() { Id = new StringBuilder().Insert(0, $"{n}", 500).ToString() });
            })))));
        using var channel = server.Channel();

        var ids = await channel.ServerStreamAsync(DaprMethods.SubscribeConfiguration, new()).Select(m => m.Id).ToListAsync();

        Assert.Equal(400, ids.Count);
        Assert.All(ids, id => Assert.Single(id.Distinct()));
    }
}
