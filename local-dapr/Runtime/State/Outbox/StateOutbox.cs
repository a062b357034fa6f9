using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.PubSub;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.State.Stores;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.State.Outbox;

/// <summary>
/// The outbox of one state component: metadata <c>outboxPublishPubsub</c> and <c>outboxPublishTopic</c>. Each upsert of a transaction becomes an event
/// that is written in the same transaction and published after the commit, in order, until the broker has taken it: at least once, also over a crash.
/// Unlike Dapr 1.18, which publishes first and waits for the state to appear; so <c>outboxPubsub</c> and <c>outboxDiscardWhenMissingState</c> have no part.
/// </summary>
internal sealed partial class StateOutbox : IAsyncDisposable
{
    /// <summary>Operation metadata that makes an upsert the event of another.</summary>
    public const string Projection = "outbox.projection";

    private const int Batch = 100;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private static long sequence;

    private readonly SidecarContext context;
    private readonly IStateStore store;
    private readonly StateEncryption? encryption;
    private readonly string pubsub;
    private readonly string topic;
    private readonly string keys;
    private readonly ILogger log;
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stop = new();
    private Task relay = Task.CompletedTask;

    private StateOutbox(string component, string pubsub, string topic, IStateStore store, StateEncryption? encryption, SidecarContext context)
    {
        (this.pubsub, this.topic, this.store, this.encryption, this.context) = (pubsub, topic, store, encryption, context);
        // The app's own keys never contain the separator, so these are nobody else's.
        keys = string.Join(KeyPrefix.Separator, "outbox", context.Options.AppId, component, "");
        log = context.Loggers.CreateLogger("dapr.outbox");
    }

    private Publisher Publisher => context.Feature<PubSubFeature>().Publisher;

    /// <summary>Null when the component has no outbox.</summary>
    public static StateOutbox? Of(Component component, IStateStore store, StateEncryption? encryption, SidecarContext context) =>
        component["outboxPublishPubsub"] is { Length: > 0 } pubsub && component["outboxPublishTopic"] is { Length: > 0 } topic
            ? new StateOutbox(component.Name, pubsub, topic, store, encryption, context)
            : null;

    /// <summary>The writes of a transaction with its events among them. A projection is not written: it is the event of the upsert with its key.</summary>
    /// <exception cref="ApiException">There is something to publish and no way to: 500 ERR_PUBLISH_OUTBOX.</exception>
    public List<StateWrite> Expand(IReadOnlyList<StateOperation> operations, TraceContext trace)
    {
        var writes = new List<StateWrite>(operations.Count * 2);
        var projections = operations.Where(IsProjection).ToLookup(o => o.Write.Key);
        foreach (var operation in operations.Where(o => !IsProjection(o)))
        {
            writes.Add(operation.Write);
            if (operation.Write.Value is null)
                continue;
            Check();
            var published = projections[operation.Write.Key].Append(operation).First();
            var content = OutboxEvent.Create(published, context.Options.AppId, topic, Publisher.Tracing.ForEvent(trace), context.Time.GetUtcNow());
            var key = string.Create(CultureInfo.InvariantCulture, $"{keys}{context.Time.GetUtcNow().ToUnixTimeMilliseconds():D15}-{Interlocked.Increment(ref sequence):D12}-{Guid.NewGuid():N}");
            writes.Add(new StateWrite(key, encryption?.Encrypt(content) ?? content, encryption is null, null, false, null));
        }
        return writes;
    }

    /// <summary>Publishes what is pending, from an earlier run too, and from then on after each <see cref="Signal"/>.</summary>
    public void Start()
    {
        Signal();
        relay = RelayAsync(stop.Token);
    }

    public void Signal() => signal.Writer.TryWrite(true);

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        try
        {
            await relay;
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static bool IsProjection(StateOperation operation) =>
        operation.Write.Value is not null && operation.Metadata.Count > 0 && operation.Metadata.TryGetValue(Projection, out var text) && text.Equals("true", StringComparison.OrdinalIgnoreCase);

    private void Check()
    {
        try
        {
            Publisher.CheckScope(Publisher.Find(pubsub, topic), topic);
        }
        catch (ApiException failure)
        {
            throw ApiException.Kit(500, StatusCode.Internal, "ERR_PUBLISH_OUTBOX", "DAPR_PUBSUB_OUTBOX", $"error while publishing outbox message: {failure.Message}",
                metadata: new JsonObject { ["appID"] = context.Options.AppId });
        }
    }

    private async Task RelayAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (await signal.Reader.WaitToReadAsync(cancellation))
        {
            signal.Reader.TryRead(out _);
            try
            {
                while (store.List(keys, Batch) is { Count: > 0 } pending)
                {
                    foreach (var (key, content) in pending)
                    {
                        await PublishAsync(content, cancellation);
                        await store.WriteAsync(new StateWrite(key, null, false, null, false, null));
                        pause = FirstPause;
                    }
                }
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                Log.NotPublished(log, topic, pubsub, pause.TotalSeconds, failure.Message);
                await Task.Delay(pause, context.Time, cancellation);
                pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
                Signal();
            }
        }
    }

    private Task PublishAsync(byte[] content, CancellationToken cancellation) =>
        Publisher.PublishAsync(pubsub, topic, new PublishRequest(encryption?.Decrypt(content) ?? content, "application/cloudevents+json", new Dictionary<string, string>(), EventTrace.None), cancellation);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "an event for topic {Topic} of {Pubsub} waits in the outbox and is tried again in {Seconds} s: {Problem}")]
        public static partial void NotPublished(ILogger logger, string topic, string pubsub, double seconds, string problem);
    }
}
