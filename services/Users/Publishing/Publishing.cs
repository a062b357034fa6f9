using Dapr.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quayside.Contracts;
using Quayside.EventSourcing;
using Quayside.Outbox;

namespace Quayside.Users.Publishing;

internal static class PublishingExtensions
{
    public static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton<PublishEvent>(provider =>
            new DaprPublisher(provider.GetRequiredService<DaprClient>(), Topics.PubSub, Topics.Users, "user-service").PublishAsync);
        return services.AddHostedService<UserEventRelay>();
    }
}

/// <summary>Runs the relay of the topic <c>users</c> for the life of the service.</summary>
internal sealed class UserEventRelay(EventStore store, PublishEvent publish, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new OutboxRelay(store, publish, new RelayOptions(), time, logger).RunAsync(stoppingToken);
}
