namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>One event of the log. Offsets rise over all topics; entries of one key are delivered one after the other.</summary>
internal sealed record LogEntry(long Offset, string? Key, BrokerMessage Message, DateTimeOffset? Expires);
