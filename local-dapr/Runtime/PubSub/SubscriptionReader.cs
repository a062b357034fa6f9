using System.Globalization;
using System.Text.Json;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Runtime.Expressions;
using LocalDapr.Runtime.Resources;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Reads subscriptions from a resource file, from GET /dapr/subscribe and from ListTopicSubscriptions.</summary>
internal static class SubscriptionReader
{
    /// <summary>A Subscription resource, v1alpha1 (route) or v2alpha1 (routes).</summary>
    /// <exception cref="ResourceException">Something is missing, or a rule is no expression.</exception>
    public static Subscription FromYaml(ResourceDocument document)
    {
        var root = document.Root;
        var rules = new List<Rule>();
        if (root.Text("apiVersion") == "dapr.io/v1alpha1")
        {
            Add(rules, null, root.Text("spec.route"));
        }
        else
        {
            foreach (var rule in root.Items("spec.routes.rules"))
            {
                try
                {
                    Add(rules, rule.Text("match"), rule.Text("path"));
                }
                catch (ExpressionSyntaxException failure)
                {
                    throw document.Error(rule, failure.Message, "Correct the rule.");
                }
            }
            Add(rules, null, root.Text("spec.routes.default"));
        }
        var metadata = root.At("spec.metadata") is YamlMappingNode mapping
            ? mapping.Children.ToDictionary(m => ((YamlScalarNode)m.Key).Value ?? "", m => m.Value.MetadataText())
            : Subscription.NoMetadata;
        var bulk = root.Text("spec.bulkSubscribe.enabled") == "true"
            ? BulkOptions.Of(Number(root, "spec.bulkSubscribe.maxMessagesCount"), Number(root, "spec.bulkSubscribe.maxAwaitDurationMs"))
            : null;
        return new Subscription(SubscriptionKind.Declarative, document.Require(root, "spec.pubsubname"), document.Require(root, "spec.topic"),
            metadata, rules, NotEmpty(root.Text("spec.deadLetterTopic")), bulk, root.Text("metadata.name"));
    }

    /// <summary>The app's answer to GET /dapr/subscribe.</summary>
    /// <exception cref="JsonException">It is no list of subscriptions.</exception>
    /// <exception cref="ExpressionSyntaxException">A rule is no expression.</exception>
    public static IReadOnlyList<Subscription> FromJson(byte[] answer)
    {
        var entries = JsonSerializer.Deserialize(answer, SubscribeJson.Default.ListSubscribeEntry) ?? [];
        return LastOfEach(entries.Where(e => e is not null).Select(entry =>
        {
            var rules = new List<Rule>();
            foreach (var rule in entry.Routes?.Rules ?? [])
                Add(rules, rule.Match, rule.Path);
            Add(rules, null, NotEmpty(entry.Routes?.Default) ?? (rules.Count == 0 ? entry.Route : null));
            var bulk = entry.BulkSubscribe is { Enabled: true } wanted ? BulkOptions.Of(wanted.MaxMessagesCount, wanted.MaxAwaitDurationMs) : null;
            return new Subscription(SubscriptionKind.Programmatic, entry.PubsubName ?? "", entry.Topic ?? "",
                entry.Metadata ?? Subscription.NoMetadata, rules, NotEmpty(entry.DeadLetterTopic), bulk);
        }).Where(s => s.Rules.Count > 0));
    }

    /// <exception cref="ExpressionSyntaxException">A rule is no expression.</exception>
    public static IReadOnlyList<Subscription> FromGrpc(ListTopicSubscriptionsResponse answer) => LastOfEach(answer.Subscriptions.Select(entry =>
    {
        var rules = new List<Rule>();
        foreach (var rule in entry.Routes?.Rules ?? [])
            rules.Add(new Rule(rule.Match.Length > 0 ? Expression.Compile(rule.Match) : null, rule.Path));
        if (rules.Count == 0 || entry.Routes is { Default.Length: > 0 })
            rules.Add(new Rule(null, entry.Routes?.Default ?? ""));
        var bulk = entry.BulkSubscribe is { Enabled: true } wanted ? BulkOptions.Of(wanted.MaxMessagesCount, wanted.MaxAwaitDurationMs) : null;
        return new Subscription(SubscriptionKind.Programmatic, entry.PubsubName, entry.Topic, new Dictionary<string, string>(entry.Metadata), rules, NotEmpty(entry.DeadLetterTopic), bulk);
    }));

    private static List<Subscription> LastOfEach(IEnumerable<Subscription> subscriptions)
    {
        var kept = new List<Subscription>();
        foreach (var subscription in subscriptions)
        {
            var twin = kept.FindIndex(subscription.IsFor);
            if (twin < 0)
                kept.Add(subscription);
            else
                kept[twin] = subscription;
        }
        return kept;
    }

    private static void Add(List<Rule> rules, string? match, string? path)
    {
        if (path is { Length: > 0 })
            rules.Add(new Rule(match is { Length: > 0 } ? Expression.Compile(match) : null, path));
    }

    private static string? NotEmpty(string? text) => text is { Length: > 0 } ? text : null;

    private static int Number(YamlMappingNode root, string path) =>
        int.TryParse(root.Text(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
