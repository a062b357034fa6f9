using Quayside.EventSourcing;
using Quayside.Outbox;

namespace Quayside.Users.Publishing;

/// <summary>Runs the relay of the topic <c>users</c> for the life of the service.</summary>
internal sealed class UserEventRelay(EventStore store, PublishEvent publish, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        store.WatchAsync(stoppingToken), new OutboxRelay(store, publish, new RelayOptions(), time, logger).RunAsync(stoppingToken));
}
