using Dapr.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Dapr;

/// <summary>Collects the topics of all endpoints: one subscription per pub/sub and topic, its rules by priority (Dapr .NET SDK 1.18).</summary>
internal static partial class Subscriptions
{
    public static Subscription[] Of(IReadOnlyList<Endpoint> endpoints, SubscribeOptions? options, ILogger logger) =>
        [.. endpoints.OfType<RouteEndpoint>().SelectMany(Topics)
            .GroupBy(t => (t.Topic.PubsubName, t.Topic.Name))
            .OrderBy(g => g.Key.PubsubName, StringComparer.Ordinal).ThenBy(g => g.Key.Name, StringComparer.Ordinal)
            .Select(g => Merge([.. g.OrderBy(t => t.Topic.Priority)], options, logger))];

    private static IEnumerable<TopicEndpoint> Topics(RouteEndpoint endpoint)
    {
        var all = endpoint.Metadata.GetOrderedMetadata<IOriginalTopicMetadata>();
        foreach (var topic in endpoint.Metadata.GetOrderedMetadata<ITopicMetadata>())
            if (topic.Name is not null)
                yield return new(topic, endpoint.RoutePattern,
                    [.. all.Where(m => string.IsNullOrEmpty(m.Id) || (topic as IOwnedOriginalTopicMetadata)?.OwnedMetadatas?.Contains(m.Id) == true)],
                    endpoint.Metadata.GetOrderedMetadata<IBulkSubscribeMetadata>().FirstOrDefault(b => b.TopicName == topic.Name));
    }

    private static Subscription Merge(TopicEndpoint[] topics, SubscribeOptions? options, ILogger logger)
    {
        var first = topics[0];
        var rules = topics.Where(t => !string.IsNullOrEmpty(t.Topic.Match)).ToArray();
        var defaults = topics.Except(rules).Select(t => Path(t.Pattern)).ToArray();
        if (defaults.Length > 1)
            Log.SeveralDefaults(logger, first.Topic.Name, first.Topic.PubsubName, defaults[0]);
        if (rules.DistinctBy(r => r.Topic.Priority).Count() < rules.Length)
            Log.SamePriority(logger, first.Topic.Name, first.Topic.PubsubName);
        return new(first.Topic.Name, first.Topic.PubsubName,
            rules.Length == 0 ? defaults.FirstOrDefault() : null,
            rules.Length == 0 ? null : new(defaults.FirstOrDefault(), [.. rules.Select(r => new SubscriptionRule(r.Topic.Match, Path(r.Pattern)))]),
            Metadata(topics, options),
            (first.Topic as IDeadLetterTopicMetadata)?.DeadLetterTopic,
            first.Bulk is { } bulk ? new(true, bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null);
    }

    private static Dictionary<string, string>? Metadata(TopicEndpoint[] topics, SubscribeOptions? options)
    {
        var separator = topics.Select(t => (t.Topic as IOwnedOriginalTopicMetadata)?.MetadataSeparator).FirstOrDefault(s => !string.IsNullOrEmpty(s)) ?? ",";
        var metadata = topics.SelectMany(t => t.Metadata).GroupBy(m => m.Name)
            .ToDictionary(g => g.Key, g => string.Join(separator, g.Select(m => m.Value).Distinct()));
        if (options?.EnableRawPayload == true || topics.Any(t => (t.Topic as IRawTopicMetadata)?.EnableRawPayload == true))
            metadata["rawPayload"] = "true";
        return metadata.Count > 0 ? metadata : null;
    }

    // The sidecar posts to a fixed path: there is nothing to put into a parameter.
    private static string Path(RoutePattern pattern) => string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p =>
        p is RoutePatternLiteralPart literal ? literal.Content : throw new InvalidOperationException($"The route '{pattern.RawText}' of a topic must not have parameters.")))));

    private sealed record TopicEndpoint(ITopicMetadata Topic, RoutePattern Pattern, IOriginalTopicMetadata[] Metadata, IBulkSubscribeMetadata? Bulk);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Topic {Topic} of {Pubsub} has several default routes; {Route} is used.")]
        public static partial void SeveralDefaults(ILogger logger, string topic, string pubsub, string route);

        [LoggerMessage(LogLevel.Error, "Topic {Topic} of {Pubsub} has several rules of one priority.")]
        public static partial void SamePriority(ILogger logger, string topic, string pubsub);
    }
}
