using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.PubSub;

namespace LocalDapr.Runtime.Tests.PubSub;

public sealed class StreamEventReceiverTests
{
    [Fact]
    public async Task An_event_that_is_there_at_once_comes_after_the_word_that_the_subscription_runs()
    {
        var written = new Written();
        var receiver = new StreamEventReceiver(new Subscription(SubscriptionKind.Streaming, "pubsub", "orders", new Dictionary<string, string>(), [new Rule(null, "/")]), written);
        var incoming = IncomingEvent.Read(new BrokerMessage("orders", """{"specversion":"1.0","type":"t","source":"s","id":"1","data":7}"""u8.ToArray(), new Dictionary<string, string>()), "pubsub", isRaw: false);
        var sending = receiver.SendAsync(incoming, "/", CancellationToken.None);
        Assert.Empty(written.Messages);

        await receiver.BeginAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => written.Messages.Count == 2);
        Assert.NotNull(written.Messages[0].InitialResponse);
        receiver.Answer(new() { Id = written.Messages[1].EventMessage.Id, Status = new() { Status = TopicEventResponse.Types.TopicEventResponseStatus.Success } });
        await sending;
    }

    private sealed class Written : IServerStreamWriter<SubscribeTopicEventsResponseAlpha1>
    {
        private readonly List<SubscribeTopicEventsResponseAlpha1> messages = [];

        public IReadOnlyList<SubscribeTopicEventsResponseAlpha1> Messages
        {
            get
            {
                lock (messages) return [.. messages];
            }
        }

        public ValueTask WriteAsync(SubscribeTopicEventsResponseAlpha1 message, CancellationToken cancellationToken = default)
        {
            lock (messages) messages.Add(message);
            return ValueTask.CompletedTask;
        }
    }
}
