namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One subscription that takes part in a group: a replica of the app, or a stream.</summary>
internal sealed class Consumer(ConsumerGroup group, BrokerSubscription subscription, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BrokerSubscription Subscription { get; } = subscription;

    /// <summary>Guarded by the group's lock, like <see cref="IsLeaving"/>.</summary>
    public int InFlight { get; set; }

    public bool IsLeaving { get; set; }

    public bool HasPlace => !IsLeaving && InFlight < Subscription.MaxInFlight;

    public bool IsStopped => stop.IsCancellationRequested;

    public CancellationToken Stopping => stop.Token;

    public void Drained() => drained.TrySetResult();

    /// <summary>Takes nothing new, gives running deliveries a moment to end, then cancels them: they come again later.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!group.Leave(this))
            return;
        try
        {
            await drained.Task.WaitAsync(DrainTime, time);
        }
        catch (TimeoutException)
        {
        }
        await stop.CancelAsync();
        await drained.Task;
        group.Left();
        stop.Dispose();
    }
}
