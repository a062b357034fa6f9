using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.PubSub;

/// <summary>A loaded pub/sub component of one sidecar.</summary>
internal sealed record PubSubComponent(Component Component, IBroker Broker, TopicScopes Scopes)
{
    public string Name => Component.Name;
}
