using Dapr.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quayside.Contracts;
using Quayside.Outbox;

namespace Quayside.Orders.Publishing;

internal static class PublishingExtensions
{
    public static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton<PublishEvent>(provider =>
            new DaprPublisher(provider.GetRequiredService<DaprClient>(), Topics.PubSub, Topics.Orders, "order-service").PublishAsync);
        return services;
    }
}
