using LocalDapr.Runtime.Expressions;

namespace LocalDapr.Runtime.PubSub;

internal enum SubscriptionKind { Declarative, Programmatic, Streaming }

/// <summary>Where events go that the expression holds for; no expression = all.</summary>
internal sealed record Rule(Expression? Match, string Path);

internal sealed record BulkOptions(int MaxMessages, TimeSpan MaxAwait)
{
    /// <summary>Dapr 1.18: 100 messages, 1000 ms, where nothing or zero is given.</summary>
    public static BulkOptions Of(int maxMessages, int maxAwaitMilliseconds) =>
        new(maxMessages > 0 ? maxMessages : 100, TimeSpan.FromMilliseconds(maxAwaitMilliseconds > 0 ? maxAwaitMilliseconds : 1000));
}

/// <summary>A wish for the events of a topic, however it was declared (contract section 6). Rules are tried in order, the default route is the last one.</summary>
internal sealed record Subscription(
    SubscriptionKind Kind,
    string PubSub,
    string Topic,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<Rule> Rules,
    string? DeadLetterTopic = null,
    BulkOptions? Bulk = null,
    string? Name = null)
{
    public static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    /// <summary>Messages are bytes without an event around them. Null when rawPayload is no bool: then nothing can be delivered.</summary>
    public bool? IsRaw { get; } = PublishMetadata.Find(Metadata, "rawPayload") is { Length: > 0 } raw ? PublishMetadata.GoBool(raw) : false;

    public bool IsFor(Subscription other) => PubSub == other.PubSub && Topic == other.Topic;

    /// <summary>The same in every respect, so that a running one may go on.</summary>
    public bool Same(Subscription other) =>
        Kind == other.Kind && IsFor(other) && DeadLetterTopic == other.DeadLetterTopic && Bulk == other.Bulk
        && Metadata.Count == other.Metadata.Count && Metadata.All(m => other.Metadata.TryGetValue(m.Key, out var value) && value == m.Value)
        && Rules.Count == other.Rules.Count && Rules.Zip(other.Rules).All(pair => pair.First.Path == pair.Second.Path && pair.First.Match?.Text == pair.Second.Match?.Text);
}
