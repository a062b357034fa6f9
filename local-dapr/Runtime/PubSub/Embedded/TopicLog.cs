namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One topic of one component: hands each event to the groups as soon as it is committed, in the order of the offsets, without reading it again.</summary>
internal sealed class TopicLog(string component, string name)
{
    private readonly Lock gate = new();
    private readonly Queue<LogEntry> written = new();
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

    /// <summary>On the database's writer, before the commit.</summary>
    public void Written(LogEntry entry)
    {
        lock (gate)
            written.Enqueue(entry);
    }

    /// <summary>Everything up to this offset is committed: offsets are given and committed in one order.</summary>
    public void Committed(long offset)
    {
        lock (gate)
        {
            while (written.TryPeek(out var entry) && entry.Offset <= offset)
            {
                written.Dequeue();
                foreach (var group in groups)
                    group.Append(entry);
            }
        }
        foreach (var group in groups)
            group.Pump();
    }

    /// <summary>The write did not reach the file.</summary>
    public void Failed(long offset)
    {
        lock (gate)
        {
            var kept = written.Where(e => e.Offset != offset).ToArray();
            written.Clear();
            foreach (var entry in kept)
                written.Enqueue(entry);
        }
    }
}
