using LocalDapr.Runtime.Bindings;
using LocalDapr.Runtime.Configuration;
using LocalDapr.Runtime.Invocation;
using LocalDapr.Runtime.Jobs;
using LocalDapr.Runtime.Locks;
using LocalDapr.Runtime.Middleware;
using LocalDapr.Runtime.PubSub;
using LocalDapr.Runtime.Secrets;
using LocalDapr.Runtime.State;
using LocalDapr.Runtime.State.Outbox;
using LocalDapr.Runtime.Workflows;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The building blocks of a sidecar, in the order in which they load, start and ask the app.</summary>
internal static class SidecarFeatures
{
    public static IReadOnlyList<ISidecarFeature> Create(SidecarContext context, Sidecar sidecar) =>
    [
        new HealthFeature(context, sidecar),
        new MetadataFeature(context, sidecar),
        new AppConfigFeature(context),
        new SecretsFeature(context),
        new StateFeature(context),
        new PubSubFeature(context),
        new ConfigurationFeature(context),
        new LockFeature(context),
        new BindingsFeature(context),
        new MiddlewareFeature(context),
        new InvocationFeature(context),
        new WorkflowsFeature(context),
        new JobsFeature(context),
        new OutboxFeature(context),
    ];
}
