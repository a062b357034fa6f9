namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One entry on its way through one group.</summary>
internal sealed class Delivery(LogEntry entry, string? key, int generation)
{
    public LogEntry Entry { get; } = entry;

    /// <summary>Entries of one key wait for each other; null waits for nobody.</summary>
    public string? Key { get; } = key;

    /// <summary>Of the group's memory: what was loaded before the last consumer left no longer counts.</summary>
    public int Generation { get; } = generation;

    public bool IsDone { get; set; }

    public int Failures { get; set; }
}
