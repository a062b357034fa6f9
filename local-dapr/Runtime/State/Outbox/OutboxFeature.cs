using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.State.Outbox;

/// <summary>Starts the outboxes of the state stores once the app's subscriptions run, and stops them before these end. Works without an app too.</summary>
internal sealed class OutboxFeature(SidecarContext context) : ISidecarFeature
{
    public Task AppReadyAsync(CancellationToken cancellation)
    {
        context.Feature<StateFeature>().StartOutboxes();
        return Task.CompletedTask;
    }

    public Task StopAsync() => context.Feature<StateFeature>().StopOutboxesAsync();
}
