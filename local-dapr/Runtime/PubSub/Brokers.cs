using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.PubSub.Embedded;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Which broker serves a component: the built-in one whatever its type, or the declared one.</summary>
internal static class Brokers
{
    /// <exception cref="ResourceException">The declared type is not served here.</exception>
    public static IBroker Create(Component component, SidecarContext context, ILogger log) => component.Type switch
    {
        _ when context.Runtime.Options.Backends == Backends.Embedded => new EmbeddedBroker(EventLog.Of(context.Runtime, context.Loggers), component, context.Options.AppId),
        "pubsub.in-memory" => new InMemoryBroker(log),
        _ => throw new ResourceException(component.Spec.File, component.Spec.Line, $"component type `{component.Type}` is not served by this runtime", "Run with --backends embedded, or run the real Dapr for it."),
    };
}
