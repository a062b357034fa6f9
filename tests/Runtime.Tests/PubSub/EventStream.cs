using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Tests.PubSub;

/// <summary>A client of SubscribeTopicEventsAlpha1.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly DuplexCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> call;
    private readonly IAsyncEnumerator<SubscribeTopicEventsResponseAlpha1> answers;
    private readonly CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));

    private EventStream(GrpcChannel channel)
    {
        call = channel.DuplexAsync(DaprMethods.SubscribeTopicEventsAlpha1);
        answers = call.ReadAllAsync(deadline.Token).GetAsyncEnumerator();
    }

    public static async Task<EventStream> OpenAsync(GrpcChannel channel, string topic)
    {
        var stream = new EventStream(channel);
        await stream.call.WriteAsync(new SubscribeTopicEventsRequestAlpha1 { InitialRequest = new() { PubsubName = "pubsub", Topic = topic } });
        Assert.True(await stream.answers.MoveNextAsync());
        Assert.NotNull(stream.answers.Current.InitialResponse);
        return stream;
    }

    public async Task<TopicEventRequest> NextAsync()
    {
        Assert.True(await answers.MoveNextAsync());
        return answers.Current.EventMessage;
    }

    public async Task AcknowledgeAsync(string id) =>
        await call.WriteAsync(new SubscribeTopicEventsRequestAlpha1 { EventProcessed = new() { Id = id, Status = new() { Status = TopicEventResponse.Types.TopicEventResponseStatus.Success } } });

    public async ValueTask DisposeAsync()
    {
        await answers.DisposeAsync();
        await call.DisposeAsync();
        deadline.Dispose();
    }
}
