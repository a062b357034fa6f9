using System.Collections.Concurrent;

namespace LocalDapr.Runtime.PubSub;

/// <summary>The loaded pub/sub components of one sidecar by name; names mind case.</summary>
internal sealed class PubSubComponents
{
    private readonly ConcurrentDictionary<string, PubSubComponent> byName = new(StringComparer.Ordinal);

    public bool Any => !byName.IsEmpty;

    public PubSubComponent? Find(string name) => byName.GetValueOrDefault(name);

    public void Add(PubSubComponent component) => byName[component.Name] = component;

    public PubSubComponent? Remove(string name) => byName.TryRemove(name, out var removed) ? removed : null;
}
