#nullable disable
using Dapr;
using Dapr.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Subscribes endpoints to topics.</summary>
public static class DaprEndpointConventionBuilderExtensions
{
    public static T WithTopic<T>(this T builder, string pubsubName, string name) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new TopicAttribute(pubsubName, name));

    public static T WithTopic<T>(this T builder, string pubsubName, string name, IDictionary<string, string> metadata) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new TopicAttribute(pubsubName, name)).WithTopicMetadata(metadata);

    public static T WithTopic<T>(this T builder, string pubsubName, string name, bool enableRawPayload) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new TopicAttribute(pubsubName, name, enableRawPayload));

    public static T WithTopic<T>(this T builder, string pubsubName, string name, bool enableRawPayload, IDictionary<string, string> metadata) where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new TopicAttribute(pubsubName, name, enableRawPayload)).WithTopicMetadata(metadata);

    public static T WithTopic<T>(this T builder, TopicOptions topicOptions) where T : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(topicOptions);
        var topic = new TopicAttribute(topicOptions.PubsubName, topicOptions.Name, topicOptions.EnableRawPayload, topicOptions.Match, topicOptions.Priority, topicOptions.OwnedMetadatas, topicOptions.MetadataSeparator)
        {
            DeadLetterTopic = topicOptions.DeadLetterTopic,
        };
        return builder.WithMetadata(topic).WithTopicMetadata(topicOptions.Metadata);
    }

    public static T WithBulkSubscribe<T>(this T builder, BulkSubscribeTopicOptions bulkSubscribeTopicOptions) where T : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(bulkSubscribeTopicOptions);
        return builder.WithMetadata(new BulkSubscribeAttribute(bulkSubscribeTopicOptions.TopicName, bulkSubscribeTopicOptions.MaxMessagesCount, bulkSubscribeTopicOptions.MaxAwaitDurationMs));
    }

    private static T WithTopicMetadata<T>(this T builder, IDictionary<string, string> metadata) where T : IEndpointConventionBuilder
    {
        foreach (var (name, value) in metadata ?? new Dictionary<string, string>())
            builder.WithMetadata(new TopicMetadataAttribute(name, value));
        return builder;
    }
}
