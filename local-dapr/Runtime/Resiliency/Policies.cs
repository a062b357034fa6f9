using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Resiliency;

/// <summary>The Resiliency resources of one sidecar, by target.</summary>
public sealed class Policies(TimeProvider time)
{
    public TimeProvider Time { get; } = time;

    /// <summary>Takes the files in; again on hot reload. An unreadable one is refused with file and line.</summary>
    public void Load(IReadOnlyList<ResourceDocument> documents) => _ = documents;

    /// <summary>Policy of calls to an app; the breaker is one per app id and method path.</summary>
    public Policy ForApp(string appId, string method) => Policy.None;

    /// <summary>Policy of calls to an HTTPEndpoint; the breaker is one per endpoint.</summary>
    public Policy ForEndpoint(string name) => Policy.None;

    /// <param name="name">Component name.</param>
    /// <param name="type">Word used in default policy names: Statestore, Pubsub, Binding, Secretstore, Configuration, Lock.</param>
    public Policy Outbound(string name, string type) => Policy.None;

    /// <summary>Policy around deliveries from a component to the app. Same parameters as <see cref="Outbound"/>.</summary>
    public Policy Inbound(string name, string type) => Policy.None;
}
