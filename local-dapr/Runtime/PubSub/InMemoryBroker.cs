using System.Threading.Channels;

namespace LocalDapr.Runtime.PubSub;

/// <summary>
/// <c>pubsub.in-memory</c> (Dapr 1.18): within one sidecar, one message at a time per subscription, trailing <c>*</c> as wildcard; a message that
/// fails, or that nobody subscribes to, is lost.
/// </summary>
internal sealed partial class InMemoryBroker(ILogger logger) : IBroker
{
    private const int QueueLength = 1000;

    /// <summary>What the running delivery gets when the subscription ends.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly ILogger log = logger;
    private volatile Subscriber[] subscribers = [];

    public IReadOnlyList<string> Capabilities { get; } = ["SUBSCRIBE_WILDCARDS"];

    public async Task PublishAsync(BrokerMessage message, CancellationToken cancellation)
    {
        foreach (var subscriber in subscribers)
        {
            if (subscriber.Wants(message.Topic) && !subscriber.Queue.Writer.TryWrite(message))
                await subscriber.WriteAsync(message, cancellation);
        }
    }

    public Task<IAsyncDisposable> SubscribeAsync(BrokerSubscription subscription, CancellationToken cancellation)
    {
        var subscriber = new Subscriber(this, subscription);
        lock (this)
            subscribers = [.. subscribers, subscriber];
        return Task.FromResult<IAsyncDisposable>(subscriber);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Subscriber : IAsyncDisposable
    {
        private readonly InMemoryBroker broker;
        private readonly BrokerSubscription subscription;
        private readonly CancellationTokenSource stop = new();
        private readonly Task loop;

        public Subscriber(InMemoryBroker broker, BrokerSubscription subscription)
        {
            (this.broker, this.subscription) = (broker, subscription);
            loop = Task.Run(LoopAsync);
        }

        public Channel<BrokerMessage> Queue { get; } = Channel.CreateBounded<BrokerMessage>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

        public bool Wants(string topic) => subscription.Topic is [.. var prefix, '*'] ? topic.StartsWith(prefix, StringComparison.Ordinal) : topic == subscription.Topic;

        public async Task WriteAsync(BrokerMessage message, CancellationToken cancellation)
        {
            try
            {
                await Queue.Writer.WriteAsync(message, cancellation);
            }
            catch (ChannelClosedException)
            {
                // It ended meanwhile, and with it its messages.
            }
        }

        public async ValueTask DisposeAsync()
        {
            lock (broker)
                broker.subscribers = [.. broker.subscribers.Where(s => s != this)];
            Queue.Writer.TryComplete();
            while (Queue.Reader.TryRead(out _))
            {
            }
            await Task.WhenAny(loop, Task.Delay(DrainTime));
            await stop.CancelAsync();
            await loop;
            stop.Dispose();
        }

        private async Task LoopAsync()
        {
            try
            {
                await foreach (var message in Queue.Reader.ReadAllAsync(stop.Token))
                {
                    try
                    {
                        await subscription.Deliver(message, stop.Token);
                    }
                    catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
                    {
                        Log.Lost(broker.log, message.Topic, failure.Message);
                    }
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "a message of topic {Topic} is lost, pubsub.in-memory does not send it again: {Problem}")]
        public static partial void Lost(ILogger logger, string topic, string problem);
    }
}
