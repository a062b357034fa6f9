namespace LocalDapr.Runtime.PubSub;

/// <summary>Publishes what could not be delivered to the subscription's dead-letter topic: the original bytes and metadata.</summary>
internal sealed partial class DeadLetters(Publisher publisher, PubSubComponent component, ILogger log)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Not ended by the delivery's own cancellation: once begun, the letter is sent.</summary>
    public async Task SendAsync(string topic, BrokerMessage message, string reason)
    {
        Log.DeadLettered(log, message.Topic, topic, reason);
        publisher.CheckScope(component, topic);
        using var limit = new CancellationTokenSource(Limit);
        await publisher.SendAsync(component, message with { Topic = topic }, limit.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "an event of topic {Topic} goes to the dead-letter topic {DeadLetterTopic}: {Reason}")]
        public static partial void DeadLettered(ILogger logger, string topic, string deadLetterTopic, string reason);
    }
}
