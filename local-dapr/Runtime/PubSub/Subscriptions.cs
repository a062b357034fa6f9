using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.PubSub;

/// <summary>
/// All subscriptions of one sidecar and which of them run: those of files and of the app while the app is healthy, those of streams while the
/// stream is open. Each change of the wishes, the components or the app's health ends in <see cref="ReconcileAsync"/>.
/// </summary>
internal sealed partial class Subscriptions(SidecarContext context, PubSubComponents components, SubscriptionStarter starter, ILogger log)
{
    private readonly AsyncGate one = new();
    private readonly Dictionary<Subscription, (IAsyncDisposable Running, PubSubComponent Component)> running = [];
    private IReadOnlyList<Subscription> declared = [];
    private IReadOnlyList<Subscription> programmatic = [];
    private IReadOnlyList<Subscription> streams = [];
    private bool started;
    private int failures;
    private int isWaiting;

    /// <summary>As the metadata API lists them: a programmatic one replaces the declared one of the same topic, streams are additional.</summary>
    public IReadOnlyList<Subscription> All => [.. declared.Where(d => !programmatic.Any(d.IsFor)), .. programmatic, .. streams];

    public Task DeclareAsync(IReadOnlyList<Subscription> subscriptions)
    {
        var kept = new List<Subscription>();
        foreach (var subscription in subscriptions)
        {
            if (!kept.Any(subscription.IsFor))
                kept.Add(declared.FirstOrDefault(subscription.Same) ?? subscription);
        }
        declared = kept;
        return ReconcileAsync();
    }

    /// <summary>The app was asked for the first time: from now on its subscriptions run while it is healthy.</summary>
    public Task StartAsync(IReadOnlyList<Subscription> ofApp)
    {
        programmatic = ofApp;
        started = true;
        return ReconcileAsync();
    }

    public async Task StopAsync()
    {
        started = false;
        await ReconcileAsync();
    }

    public void AddStream(Subscription stream)
    {
        lock (components)
            streams = [.. streams, stream];
    }

    public void RemoveStream(Subscription stream)
    {
        lock (components)
            streams = [.. streams.Where(s => s != stream)];
    }

    public async Task ReconcileAsync()
    {
        using (await one.EnterAsync())
        {
            var wanted = started && context.App.IsHealthy ? All.Where(s => s.Kind != SubscriptionKind.Streaming).ToArray() : [];
            var ending = running.Where(r => !wanted.Contains(r.Key) || components.Find(r.Key.PubSub) != r.Value.Component).ToArray();
            foreach (var (subscription, _) in ending)
                running.Remove(subscription);
            await Task.WhenAll(ending.Select(e => e.Value.Running.DisposeAsync().AsTask()));
            foreach (var subscription in wanted)
            {
                if (running.ContainsKey(subscription) || components.Find(subscription.PubSub) is not { } component)
                    continue;
                if (!component.Scopes.MaySubscribe(subscription.Topic))
                    Log.Refused(log, subscription.Topic, subscription.PubSub);
                else
                    await StartAsync(component, subscription);
            }
        }
    }

    private async Task StartAsync(PubSubComponent component, Subscription subscription)
    {
        try
        {
            running[subscription] = (await starter.StartAsync(component, subscription, context.Stopping), component);
            failures = 0;
        }
        catch (Exception failure) when (!context.Stopping.IsCancellationRequested)
        {
            Log.NotStarted(log, subscription.Topic, subscription.PubSub, failure.Message);
            _ = AgainAsync();
        }
    }

    /// <summary>A subscription that could not start is tried again for ever: after 0.5 s, doubling to 30 s.</summary>
    private async Task AgainAsync()
    {
        if (Interlocked.Exchange(ref isWaiting, 1) == 1)
            return;
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(30_000, 500 * Math.Pow(2, failures++))), context.Time, context.Stopping);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            Volatile.Write(ref isWaiting, 0);
        }
        await ReconcileAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "the subscription to topic {Topic} of pubsub {PubSub} did not start and is tried again: {Problem}")]
        public static partial void NotStarted(ILogger logger, string topic, string pubSub, string problem);

        [LoggerMessage(Level = LogLevel.Warning, Message = "this app may not subscribe to topic {Topic} of pubsub {PubSub}")]
        public static partial void Refused(ILogger logger, string topic, string pubSub);
    }
}
