using Dapr.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Quayside.Outbox;

public static class OutboxExtensions
{
    /// <summary>Where relays publish, unless the app was given another <see cref="PublishEvent"/>.</summary>
    /// <param name="services">Of the app.</param>
    /// <param name="pubsub">The Dapr component.</param>
    /// <param name="topic">One for all kinds of events of the app.</param>
    /// <param name="source">The CloudEvent source: the app id.</param>
    public static IServiceCollection AddDaprPublisher(this IServiceCollection services, string pubsub, string topic, string source)
    {
        services.TryAddSingleton<PublishEvent>(provider => new DaprPublisher(provider.GetRequiredService<DaprClient>(), pubsub, topic, source).PublishAsync);
        return services;
    }
}
