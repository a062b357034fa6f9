namespace LocalDapr.Runtime.Workflows.Engine;

internal enum DueKind { Timer, Start, Wake, Expire }

/// <summary>Something that happens to an instance at a time.</summary>
internal readonly record struct Due(DueKind Kind, string App, long Key);

/// <summary>All that is due later, with one clock timer for the earliest. Its owner's lock guards it; entries that no longer hold are the owner's to skip.</summary>
internal sealed class DueQueue : IDisposable
{
    // A clock timer can wait 49 days at most; looking again after one day costs nothing.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly PriorityQueue<Due, DateTimeOffset> queue = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private DateTimeOffset armedFor = DateTimeOffset.MaxValue;

    public DueQueue(TimeProvider time, Action elapsed)
    {
        this.time = time;
        timer = time.CreateTimer(_ => elapsed(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(Due due, DateTimeOffset at)
    {
        if (at == DateTimeOffset.MaxValue)
            return;
        queue.Enqueue(due, at);
        if (at < armedFor)
            Arm();
    }

    public bool TryTake(DateTimeOffset now, out Due due)
    {
        if (queue.TryPeek(out due, out var at) && at <= now)
        {
            queue.Dequeue();
            return true;
        }
        return false;
    }

    /// <summary>Sets the clock timer for what is first now.</summary>
    public void Arm()
    {
        if (!queue.TryPeek(out _, out var at))
        {
            armedFor = DateTimeOffset.MaxValue;
            return;
        }
        armedFor = at;
        var wait = at - time.GetUtcNow();
        // Clock timers know whole milliseconds: rounded down it would fire too early, again and again.
        timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    public void Clear()
    {
        queue.Clear();
        armedFor = DateTimeOffset.MaxValue;
    }

    public void Dispose() => timer.Dispose();
}
