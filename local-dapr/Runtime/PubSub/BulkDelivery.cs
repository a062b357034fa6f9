using System.Threading.Channels;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

internal enum EntryStatus { Retry, Success, Drop }

/// <summary>One message of a bulk delivery; its entryId stays the same over all attempts.</summary>
internal sealed class BulkItem(BrokerMessage message)
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string EntryId { get; } = Guid.NewGuid().ToString();

    public BrokerMessage Message { get; } = message;

    public IncomingEvent? Incoming { get; set; }

    public string? Path { get; set; }

    public Task Done => done.Task;

    public void Acknowledge() => done.TrySetResult();

    public void Fail(Exception failure) => done.TrySetException(failure);
}

/// <summary>Takes one attempt at handing a batch to an app.</summary>
internal interface IBulkReceiver
{
    /// <summary>The status of each entry that the app named; null when it does not know the route, and all are dropped.</summary>
    /// <exception cref="CodedException">The app answered with a failure status.</exception>
    Task<IReadOnlyDictionary<string, EntryStatus>?> SendAsync(IReadOnlyList<BulkItem> items, string path, CancellationToken cancellation);
}

/// <summary>Collects the messages of a bulk subscription and takes them to the app in batches; each is acknowledged by itself (contract section 6).</summary>
internal sealed partial class BulkDelivery : IAsyncDisposable
{
    private readonly Subscription subscription;
    private readonly IBulkReceiver receiver;
    private readonly Policies policies;
    private readonly DeadLetters deadLetters;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<BulkItem> queue = Channel.CreateUnbounded<BulkItem>(new() { SingleReader = true });
    private readonly Task loop;

    public BulkDelivery(Subscription subscription, IBulkReceiver receiver, Policies policies, DeadLetters deadLetters, TimeProvider time, ILogger log)
    {
        (this.subscription, this.receiver, this.policies, this.deadLetters, this.time, this.log) = (subscription, receiver, policies, deadLetters, time, log);
        loop = Task.Run(CollectAsync);
    }

    private BulkOptions Options => subscription.Bulk!;

    public async Task DeliverAsync(BrokerMessage message, CancellationToken cancellation)
    {
        var item = new BulkItem(message);
        queue.Writer.TryWrite(item);
        await item.Done.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    private async Task CollectAsync()
    {
        var sending = new HashSet<Task>();
        try
        {
            while (await queue.Reader.WaitToReadAsync(stop.Token))
            {
                var batch = await FillAsync();
                sending.RemoveWhere(t => t.IsCompleted);
                sending.Add(SendAsync(batch));
            }
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(sending);
    }

    private async Task<List<BulkItem>> FillAsync()
    {
        var batch = new List<BulkItem>();
        using var full = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        full.CancelAfter(Options.MaxAwait);
        try
        {
            do
            {
                while (batch.Count < Options.MaxMessages && queue.Reader.TryRead(out var item))
                    batch.Add(item);
            }
            while (batch.Count < Options.MaxMessages && await queue.Reader.WaitToReadAsync(full.Token));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
        }
        return batch;
    }

    private async Task SendAsync(List<BulkItem> batch)
    {
        foreach (var item in batch)
        {
            try
            {
                item.Incoming = IncomingEvent.Read(item.Message, subscription.PubSub, subscription.IsRaw ?? false);
                item.Path = subscription.IsRaw is null || item.Incoming.IsExpired(time.GetUtcNow()) ? null : EventDelivery.Path(subscription, item.Incoming);
                if (item.Path is null)
                    await DropAsync(item, "it has expired, or no rule matches it");
            }
            catch (Exception failure)
            {
                await GiveUpAsync(item, failure);
            }
        }
        foreach (var group in batch.Where(i => i.Path is not null).GroupBy(i => i.Path!))
            await SendAsync([.. group], group.Key);
    }

    private async Task SendAsync(List<BulkItem> open, string path)
    {
        try
        {
            await policies.Inbound(subscription.PubSub, "Pubsub").ExecuteAsync(async attempt =>
            {
                await AttemptAsync(open, path, attempt);
                return open.Count == 0 ? true : throw new InvalidOperationException("the app wants entries again");
            }, stop.Token);
        }
        catch (Exception failure)
        {
            foreach (var item in open)
                await GiveUpAsync(item, failure);
        }
    }

    /// <summary>Leaves in <paramref name="open"/> what must be sent again.</summary>
    private async Task AttemptAsync(List<BulkItem> open, string path, CancellationToken cancellation)
    {
        var statuses = await receiver.SendAsync(open, path, cancellation);
        for (var i = open.Count - 1; i >= 0; i--)
        {
            var item = open[i];
            var status = statuses is null ? EntryStatus.Success : statuses.GetValueOrDefault(item.EntryId);
            if (status == EntryStatus.Retry)
                continue;
            open.RemoveAt(i);
            if (status == EntryStatus.Drop)
                await DropAsync(item, "the app dropped it");
            else
                item.Acknowledge();
        }
        if (statuses is null)
            Log.Dropped(log, subscription.Topic, subscription.PubSub, "the app does not know the route");
    }

    private async Task DropAsync(BulkItem item, string reason)
    {
        if (subscription.DeadLetterTopic is not null)
        {
            await GiveUpAsync(item, new InvalidOperationException(reason));
            return;
        }
        Log.Dropped(log, subscription.Topic, subscription.PubSub, reason);
        item.Acknowledge();
    }

    private async Task GiveUpAsync(BulkItem item, Exception failure)
    {
        if (subscription.DeadLetterTopic is not { } topic || stop.IsCancellationRequested)
        {
            item.Fail(failure);
            return;
        }
        try
        {
            await deadLetters.SendAsync(topic, item.Message, failure.Message);
            item.Acknowledge();
        }
        catch (Exception refused)
        {
            item.Fail(refused);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "events of topic {Topic} in pubsub {PubSub} are dropped: {Reason}")]
        public static partial void Dropped(ILogger logger, string topic, string pubSub, string reason);
    }
}
