using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Joins a subscription to its broker: single or bulk deliveries, to an HTTP app, a gRPC app or a stream.</summary>
internal sealed class SubscriptionStarter(SidecarContext context, Publisher publisher, GrpcApp grpcApp, ILogger log)
{
    private const int MaxInFlight = 32;

    public Task<IAsyncDisposable> StartAsync(PubSubComponent component, Subscription subscription, CancellationToken cancellation)
    {
        if (subscription.Bulk is not null)
            return StartBulkAsync(component, subscription, cancellation);
        IEventReceiver receiver = context.App.IsGrpc
            ? new GrpcEventReceiver(grpcApp, subscription, publisher.Tracing)
            : new HttpEventReceiver(context.App, component.Name, publisher.Tracing);
        return StartAsync(component, subscription, receiver, cancellation);
    }

    public Task<IAsyncDisposable> StartAsync(PubSubComponent component, Subscription subscription, IEventReceiver receiver, CancellationToken cancellation)
    {
        var delivery = new EventDelivery(subscription, receiver, context.Policies, new DeadLetters(publisher, component, log), context.Time, log);
        return component.Broker.SubscribeAsync(new BrokerSubscription(subscription.Topic, subscription.Metadata, delivery.DeliverAsync, MaxInFlight), cancellation);
    }

    private async Task<IAsyncDisposable> StartBulkAsync(PubSubComponent component, Subscription subscription, CancellationToken cancellation)
    {
        IBulkReceiver receiver = context.App.IsGrpc ? new GrpcBulkReceiver(grpcApp, subscription) : new HttpBulkReceiver(context.App, subscription);
        var delivery = new BulkDelivery(subscription, receiver, context.Policies, new DeadLetters(publisher, component, log), context.Time, log);
        var inFlight = Math.Max(MaxInFlight, subscription.Bulk!.MaxMessages);
        var running = await component.Broker.SubscribeAsync(new BrokerSubscription(subscription.Topic, subscription.Metadata, delivery.DeliverAsync, inFlight), cancellation);
        return new Both(running, delivery);
    }

    private sealed class Both(IAsyncDisposable first, IAsyncDisposable second) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await first.DisposeAsync();
            await second.DisposeAsync();
        }
    }
}
