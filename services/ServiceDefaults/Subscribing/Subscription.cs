using Dapr;

namespace Quayside.ServiceDefaults.Subscribing;

/// <summary>A topic as an app hears it. Every route of it names the dead letters, the default route too.</summary>
/// <param name="PubsubName">The Dapr component.</param>
/// <param name="DeadLetterTopic">Where an event goes that a route could not handle.</param>
public sealed record Subscription(string PubsubName, string Topic, string DeadLetterTopic)
{
    /// <param name="priority">Routes are tried from the lowest on.</param>
    /// <param name="match">A rule in CEL; without one it is the default route, which acknowledges: an event that no route takes would be dead-lettered.</param>
    public TopicOptions Route(int priority, string? match = null) => new()
    {
        PubsubName = PubsubName,
        Name = Topic,
        Match = match,
        Priority = priority,
        DeadLetterTopic = DeadLetterTopic,
    };
}
