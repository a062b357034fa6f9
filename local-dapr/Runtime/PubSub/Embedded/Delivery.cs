namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One entry on its way through one group.</summary>
internal sealed class Delivery(LogEntry entry, string? key, int generation)
{
    public long Offset { get; } = entry.Offset;

    public int Size { get; } = entry.Message.Data.Length;

    /// <summary>Null once done: what is done may wait long for an older one that fails.</summary>
    public BrokerMessage? Message { get; private set; } = entry.Message;

    /// <summary>Entries of one key wait for each other; null waits for nobody.</summary>
    public string? Key { get; } = key;

    /// <summary>Of the group's memory: what was loaded before the last consumer left no longer counts.</summary>
    public int Generation { get; } = generation;

    public bool IsDone => Message is null;

    public int Failures { get; set; }

    public void Done() => Message = null;
}
