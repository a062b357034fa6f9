namespace LocalDapr.Runtime.PubSub;

/// <summary>One message as a broker carries it: bytes, and the metadata of its publish.</summary>
public sealed record BrokerMessage(string Topic, ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// A wish for messages. <paramref name="Deliver"/> completes when the message is done with and throws when it is not: then the broker does what it
/// does with failed messages. <paramref name="MaxInFlight"/> bounds the deliveries at once, for brokers that deliver in parallel.
/// </summary>
public sealed record BrokerSubscription(string Topic, IReadOnlyDictionary<string, string> Metadata, Func<BrokerMessage, CancellationToken, Task> Deliver, int MaxInFlight = 32);

/// <summary>One pub/sub component's way to its broker.</summary>
public interface IBroker : IAsyncDisposable
{
    /// <summary>As the metadata API lists them, such as SUBSCRIBE_WILDCARDS.</summary>
    IReadOnlyList<string> Capabilities { get; }

    /// <summary>Completes when the broker has taken the message. Messages handed over one after the other keep their order, even if not awaited.</summary>
    Task PublishAsync(BrokerMessage message, CancellationToken cancellation);

    /// <summary>Starts deliveries; disposing of the result ends them: the token of running ones is cancelled, and they are awaited.</summary>
    Task<IAsyncDisposable> SubscribeAsync(BrokerSubscription subscription, CancellationToken cancellation);
}
