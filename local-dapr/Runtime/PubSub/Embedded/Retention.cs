namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>How long a topic keeps its events. A new group reads what is kept, from the beginning.</summary>
internal static class Retention
{
    /// <summary>What every group of the topic has acknowledged.</summary>
    public static readonly TimeSpan ConsumedAge = TimeSpan.FromDays(1);

    /// <summary>Bound for acknowledged events, and for topics that no durable group reads.</summary>
    public const int ConsumedCount = 50_000;

    /// <summary>What some group still has to read: the bound against a group that never comes back.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromDays(7);

    public const int Count = 1_000_000;

    /// <summary>Rows that one write deletes, so that publishers hardly wait.</summary>
    public const int Chunk = 500;

    /// <summary>Publishes between two looks at what may go.</summary>
    public const int Every = 1_000;
}
