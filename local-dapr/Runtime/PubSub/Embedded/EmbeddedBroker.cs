using System.Collections.Concurrent;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One component's way to the embedded broker, whatever its declared type. Replicas of an app share a consumer group by its name.</summary>
internal sealed class EmbeddedBroker : IBroker
{
    private static readonly string[] GroupNames = ["consumerID", "consumerGroup"];

    private readonly EventLog log;
    private readonly Component component;
    private readonly string group;
    private readonly bool isEphemeral;
    private readonly ConcurrentDictionary<string, bool> ownTopics = new(StringComparer.Ordinal);

    public EmbeddedBroker(EventLog log, Component component, string appId)
    {
        (this.log, this.component) = (log, component);
        group = GroupNames.Select(name => component[name]).FirstOrDefault(value => value is { Length: > 0 }) ?? appId;
        // A group with a {uuid} in its name is new at each start: every replica hears everything from then on.
        isEphemeral = component.Spec.Metadata.Any(item =>
            GroupNames.Contains(item.Name, StringComparer.OrdinalIgnoreCase) && item.Value?.Contains("{uuid}", StringComparison.Ordinal) == true);
    }

    public IReadOnlyList<string> Capabilities => [];

    public Task PublishAsync(BrokerMessage message, CancellationToken cancellation) => log.PublishAsync(component.Name, message);

    public async Task<IAsyncDisposable> SubscribeAsync(BrokerSubscription subscription, CancellationToken cancellation)
    {
        if (isEphemeral)
            ownTopics[subscription.Topic] = true;
        return (await log.GroupAsync(component.Name, subscription.Topic, group, isEphemeral)).Join(subscription);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var topic in ownTopics.Keys)
            log.Forget(component.Name, topic, group);
        return ValueTask.CompletedTask;
    }
}
