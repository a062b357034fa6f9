namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One topic of one component: hands each event to the groups as soon as it is committed, in the order of the offsets, without reading it again.</summary>
internal sealed class TopicLog(string component, string name)
{
    private readonly Lock gate = new();
    private readonly Queue<Pending> written = new();
    private volatile ConsumerGroup[] groups = [];
    private long id;

    public string Component { get; } = component;

    public string Name { get; } = name;

    /// <summary>Row of the topic; 0 until it is committed.</summary>
    public long Id
    {
        get => Volatile.Read(ref id);
        set => Volatile.Write(ref id, value);
    }

    public void Add(ConsumerGroup group)
    {
        lock (gate)
            groups = [.. groups, group];
    }

    public void Remove(ConsumerGroup group)
    {
        lock (gate)
            groups = [.. groups.Where(g => g != group)];
    }

    /// <summary>On the database's writer, before the commit. The writer of the event tells how it ended by <see cref="Settle"/>.</summary>
    public Pending Written(LogEntry entry)
    {
        var pending = new Pending(entry);
        lock (gate)
            written.Enqueue(pending);
        return pending;
    }

    /// <summary>The event is in the file, or never will be. Writers hear of their commits in any order; groups hear of events in that of the offsets.</summary>
    public void Settle(Pending pending, bool isCommitted)
    {
        lock (gate)
        {
            pending.IsCommitted = isCommitted;
            while (written.TryPeek(out var first) && first.IsCommitted is { } wasCommitted)
            {
                written.Dequeue();
                if (!wasCommitted)
                    continue;
                foreach (var group in groups)
                    group.Append(first.Entry);
            }
        }
        foreach (var group in groups)
            group.Pump();
    }

    /// <param name="entry">Written, and not yet announced.</param>
    public sealed class Pending(LogEntry entry)
    {
        public LogEntry Entry { get; } = entry;

        /// <summary>Null until its writer has heard.</summary>
        public bool? IsCommitted { get; set; }
    }
}
