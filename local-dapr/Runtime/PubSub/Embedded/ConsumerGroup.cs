namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>
/// One consumer group of one topic. Entries are loaded in order, straight from the publisher or, when the group is behind, page by page from the
/// file; each goes to one of the consumers, in order for each key, in parallel over keys. What fails is tried again after a while and holds up its
/// key only. A group with no consumer keeps nothing but its progress.
/// </summary>
internal sealed class ConsumerGroup
{
    private const int MaxOpen = 4096;
    private const long MaxOpenBytes = 32 << 20;
    private const int PageSize = 256;

    private readonly Lock gate = new();
    private readonly TopicLog topic;
    private readonly EventLog log;
    private readonly long? row;
    private readonly Queue<Delivery> loaded = new();
    private readonly PriorityQueue<Delivery, long> ready = new();
    private readonly Dictionary<string, Queue<Delivery>> lanes = new(StringComparer.Ordinal);
    private readonly List<Consumer> consumers = [];
    private readonly HashSet<long> above;
    private readonly List<long> unsaved = [];
    private long position;
    private long readUpTo;
    private long announced;
    private int open;
    private long openBytes;
    private int generation;
    private bool isBehind = true;
    private bool isFilling;
    private bool isChanged;
    private bool mayHaveRows;

    /// <param name="log">Where the events are.</param>
    /// <param name="topic">What the group reads.</param>
    /// <param name="row">The group's row, null for a group that lives in memory only.</param>
    /// <param name="position">Everything up to here is done.</param>
    /// <param name="above">What is done above the position.</param>
    public ConsumerGroup(EventLog log, TopicLog topic, long? row, long position, HashSet<long> above)
    {
        (this.log, this.topic, this.row, this.position, this.above) = (log, topic, row, position, above);
        readUpTo = position;
        mayHaveRows = above.Count > 0;
    }

    public Consumer Join(BrokerSubscription subscription)
    {
        var consumer = new Consumer(this, subscription, log.Time);
        lock (gate)
            consumers.Add(consumer);
        Pump();
        return consumer;
    }

    /// <summary>False when it has left already.</summary>
    public bool Leave(Consumer consumer)
    {
        lock (gate)
        {
            if (!consumers.Remove(consumer))
                return false;
            consumer.IsLeaving = true;
            if (consumer.InFlight == 0)
                consumer.Drained();
            return true;
        }
    }

    /// <summary>Without consumers the memory is given back; the next one begins behind what is done.</summary>
    public void Left()
    {
        lock (gate)
        {
            if (consumers.Count > 0)
                return;
            generation++;
            loaded.Clear();
            ready.Clear();
            lanes.Clear();
            open = 0;
            openBytes = 0;
            readUpTo = position;
            isBehind = true;
        }
    }

    /// <summary>An entry was committed; called in the order of the offsets.</summary>
    public void Append(LogEntry entry)
    {
        lock (gate)
        {
            announced = entry.Offset;
            if (consumers.Count == 0 || isBehind || entry.Offset <= readUpTo)
                return;
            if (IsFull)
            {
                isBehind = true;
                return;
            }
            Load(entry);
            Advance();
        }
    }

    /// <summary>Starts what can be started: deliveries while consumers have places, and the next page when the memory runs low.</summary>
    public void Pump()
    {
        List<(Consumer Consumer, Delivery Delivery)>? starts = null;
        var fills = false;
        lock (gate)
        {
            while (ready.Count > 0 && FreeConsumer() is { } consumer)
            {
                consumer.InFlight++;
                (starts ??= []).Add((consumer, ready.Dequeue()));
            }
            if (isBehind && !isFilling && consumers.Count > 0 && open < MaxOpen / 2 && openBytes < MaxOpenBytes / 2)
                isFilling = fills = true;
        }
        foreach (var (consumer, delivery) in starts ?? [])
            ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Group.DeliverAsync(work.Consumer, work.Delivery), (Group: this, Consumer: consumer, Delivery: delivery), preferLocal: false);
        if (fills)
            ThreadPool.UnsafeQueueUserWorkItem(static group => group.Fill(), this, preferLocal: false);
    }

    public GroupProgress TakeProgress()
    {
        lock (gate)
        {
            isChanged = false;
            var progress = new GroupProgress(row ?? 0, position, [.. unsaved.Where(offset => offset > position)], mayHaveRows);
            mayHaveRows = above.Count > 0;
            unsaved.Clear();
            return progress;
        }
    }

    /// <summary>It could not be saved.</summary>
    public void ReturnProgress(GroupProgress progress)
    {
        lock (gate)
        {
            unsaved.AddRange(progress.Above);
            mayHaveRows |= progress.MayHaveRows;
            Changed();
        }
    }

    private bool IsFull => open >= MaxOpen || openBytes >= MaxOpenBytes;

    private Consumer? FreeConsumer()
    {
        Consumer? free = null;
        foreach (var consumer in consumers)
        {
            if (consumer.HasPlace && (free is null || consumer.InFlight < free.InFlight))
                free = consumer;
        }
        return free;
    }

    private void Fill()
    {
        long from, known;
        int current;
        lock (gate)
            (from, known, current) = (readUpTo, announced, generation);
        var page = log.Page(topic, from, PageSize);
        lock (gate)
        {
            isFilling = false;
            if (current == generation)
            {
                foreach (var entry in page)
                    Load(entry);
                // Whatever was announced before the read and is not on the last page has been trimmed away.
                if (page.Count < PageSize)
                    readUpTo = Math.Max(readUpTo, known);
                isBehind = page.Count == PageSize || announced > readUpTo;
                Advance();
            }
        }
        Pump();
    }

    private void Load(LogEntry entry)
    {
        readUpTo = entry.Offset;
        var shuffled = log.Faults.Reorders;
        var delivery = new Delivery(entry, shuffled ? null : entry.Key, generation);
        loaded.Enqueue(delivery);
        if (above.Contains(entry.Offset) || entry.Expires < log.Time.GetUtcNow())
        {
            delivery.Done();
            return;
        }
        open++;
        openBytes += delivery.Size;
        if (delivery.Key is not { } key)
            ready.Enqueue(delivery, shuffled ? entry.Offset + Faults.Shift : entry.Offset);
        else if (lanes.TryGetValue(key, out var waiting))
            waiting.Enqueue(delivery);
        else
        {
            lanes.Add(key, new Queue<Delivery>(0));
            ready.Enqueue(delivery, entry.Offset);
        }
    }

    private async Task DeliverAsync(Consumer consumer, Delivery delivery)
    {
        var isDone = false;
        var message = delivery.Message!;
        try
        {
            if (log.Faults.Delay is { Ticks: > 0 } delay)
                await Task.Delay(delay, log.Time, consumer.Stopping);
            await consumer.Subscription.Deliver(message, consumer.Stopping);
            if (log.Faults.DeliversAgain)
                await consumer.Subscription.Deliver(message, consumer.Stopping);
            isDone = true;
        }
        catch (Exception failure)
        {
            if (!consumer.IsStopped)
                log.NotTaken(topic, delivery.Offset, failure);
        }
        Complete(consumer, delivery, isDone);
        Pump();
    }

    private void Complete(Consumer consumer, Delivery delivery, bool isDone)
    {
        lock (gate)
        {
            if (--consumer.InFlight == 0 && consumer.IsLeaving)
                consumer.Drained();
            if (isDone)
                Acknowledge(delivery);
            else if (delivery.Generation != generation)
                return;
            else if (consumer.IsStopped)
                ready.Enqueue(delivery, delivery.Offset);
            else
                _ = RetryAsync(delivery);
        }
    }

    private void Acknowledge(Delivery delivery)
    {
        delivery.Done();
        var offset = delivery.Offset;
        if (offset > position)
        {
            above.Add(offset);
            unsaved.Add(offset);
        }
        if (delivery.Generation == generation)
        {
            open--;
            openBytes -= delivery.Size;
            if (delivery.Key is { } key)
            {
                if (lanes[key].TryDequeue(out var next))
                    ready.Enqueue(next, next.Offset);
                else
                    lanes.Remove(key);
            }
            Advance();
        }
        Changed();
    }

    /// <summary>Moves the position over everything that is done without a gap.</summary>
    private void Advance()
    {
        var before = position;
        while (loaded.TryPeek(out var first) && first.IsDone)
        {
            loaded.Dequeue();
            position = first.Offset;
            above.Remove(position);
        }
        if (position != before)
            Changed();
    }

    private void Changed()
    {
        if (row is null)
        {
            unsaved.Clear();
            return;
        }
        if (isChanged)
            return;
        isChanged = true;
        log.Changed(this);
    }

    /// <summary>0.5 s, doubling to 30 s.</summary>
    private async Task RetryAsync(Delivery delivery)
    {
        var pause = TimeSpan.FromMilliseconds(Math.Min(30_000, 500 * Math.Pow(2, delivery.Failures++)));
        await Task.Delay(pause, log.Time);
        lock (gate)
        {
            if (delivery.Generation != generation)
                return;
            ready.Enqueue(delivery, delivery.Offset);
        }
        Pump();
    }
}
