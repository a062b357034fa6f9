using LocalDapr.Runtime.Expressions;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

/// <summary>
/// Takes single messages of one subscription to the app: envelope, expiry, rules, inbound policy, dead letters (contract section 6).
/// Returning acknowledges the message; throwing leaves it to the broker.
/// </summary>
internal sealed partial class EventDelivery(Subscription subscription, IEventReceiver receiver, Policies policies, DeadLetters deadLetters, TimeProvider time, ILogger log)
{
    public async Task DeliverAsync(BrokerMessage message, CancellationToken cancellation)
    {
        string problem;
        try
        {
            if (await TryDeliverAsync(message, cancellation) is not { } refusal)
                return;
            problem = refusal;
        }
        catch (Exception failure) when (subscription.DeadLetterTopic is not null && !cancellation.IsCancellationRequested)
        {
            problem = failure.Message;
        }
        if (subscription.DeadLetterTopic is { } topic)
            await deadLetters.SendAsync(topic, message, problem);
        else
            Log.Dropped(log, message.Topic, subscription.PubSub, problem);
    }

    /// <summary>Null when delivered; else why the event is dropped.</summary>
    private async Task<string?> TryDeliverAsync(BrokerMessage message, CancellationToken cancellation)
    {
        if (subscription.IsRaw is not { } isRaw)
            return "the subscription's rawPayload is no bool";
        var incoming = IncomingEvent.Read(message, subscription.PubSub, isRaw);
        if (incoming.IsExpired(time.GetUtcNow()))
            return "it has expired";
        if (Path(subscription, incoming) is not { } path)
            return "no rule matches it";
        var policy = policies.Inbound(subscription.PubSub, "Pubsub");
        var answer = ReferenceEquals(policy, Policy.None)
            ? await receiver.SendAsync(incoming, path, cancellation)
            : await policy.ExecuteAsync(attempt => receiver.SendAsync(incoming, path, attempt), cancellation);
        if (answer == EventAnswer.NotImplemented)
            Log.Dropped(log, message.Topic, subscription.PubSub, "the app does not implement OnTopicEvent");
        return answer == EventAnswer.Drop ? "the app dropped it" : null;
    }

    /// <summary>Null when no rule matches.</summary>
    /// <exception cref="ExpressionException">A rule failed, or is no bool; the rules behind it are not tried.</exception>
    public static string? Path(Subscription subscription, IncomingEvent incoming)
    {
        if (subscription.Rules is [{ Match: null }, ..])
            return subscription.Rules[0].Path;
        if (subscription.Rules.Count == 0)
            return null;
        var scope = incoming.Scope(out var document);
        using (document)
        {
            foreach (var rule in subscription.Rules)
            {
                if (rule.Match is null || rule.Match.IsTrue(scope))
                    return rule.Path;
            }
        }
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "an event of topic {Topic} in pubsub {PubSub} is dropped: {Reason}")]
        public static partial void Dropped(ILogger logger, string topic, string pubSub, string reason);
    }
}
