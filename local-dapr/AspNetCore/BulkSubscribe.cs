#nullable disable
namespace Dapr.AspNetCore;

/// <summary>An endpoint takes the events of a topic in batches.</summary>
public interface IBulkSubscribeMetadata
{
    int MaxMessagesCount { get; }

    int MaxAwaitDurationMs { get; }

    string TopicName { get; }
}

/// <inheritdoc cref="IBulkSubscribeMetadata"/>
[AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
public class BulkSubscribeAttribute : Attribute, IBulkSubscribeMetadata
{
    public BulkSubscribeAttribute(string topicName) => TopicName = topicName;

    public BulkSubscribeAttribute(string topicName, int maxMessagesCount) : this(topicName) => MaxMessagesCount = maxMessagesCount;

    public BulkSubscribeAttribute(string topicName, int maxMessagesCount, int maxAwaitDurationMs) : this(topicName, maxMessagesCount) =>
        MaxAwaitDurationMs = maxAwaitDurationMs;

    public int MaxMessagesCount { get; } = 100;

    public int MaxAwaitDurationMs { get; } = 1000;

    public string TopicName { get; }
}

/// <inheritdoc cref="IBulkSubscribeMetadata"/>
public class BulkSubscribeTopicOptions
{
    public int MaxMessagesCount { get; set; } = 100;

    public int MaxAwaitDurationMs { get; set; } = 1000;

    public string TopicName { get; set; }
}
