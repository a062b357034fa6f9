using LocalDapr.Runtime.Cli;
using LocalDapr.Runtime.Expressions;
using LocalDapr.Runtime.Resources;
using YamlDotNet.RepresentationModel;

namespace LocalDapr.Runtime.Resiliency;

/// <summary>The names of the policies that one target uses.</summary>
/// <param name="Resource">metadata.name of the Resiliency that the target stands in.</param>
internal sealed record TargetNames(string Resource, string? Timeout, string? Retry, string? Breaker, int BreakerCacheSize);

/// <summary>All Resiliency resources of one sidecar, merged: the later file wins over the earlier one for the same name.</summary>
internal sealed class ResiliencyRules
{
    private const int DefaultCacheSize = 100;

    public Dictionary<string, TimeSpan> Timeouts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, RetryRule> Retries { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, BreakerRule> Breakers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, TargetNames> Apps { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, (TargetNames? Inbound, TargetNames? Outbound)> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>metadata.name of each resource that was taken in.</summary>
    public List<string> Resources { get; } = [];

    public static ResiliencyRules Read(IReadOnlyList<ResourceDocument> documents, Action<ResourceException> refused)
    {
        var rules = new ResiliencyRules();
        foreach (var document in documents)
            rules.Add(document, refused);
        return rules;
    }

    private void Add(ResourceDocument document, Action<ResourceException> refused)
    {
        var root = document.Root;
        var name = root.Text("metadata.name") ?? "";
        Resources.Add(name);
        Each("spec.policies.timeouts", (policy, value) =>
        {
            if (value is not YamlScalarNode { Value: { } text } || !Quantity.TryParseDuration(text, out var timeout))
                throw document.Error(value, $"timeout `{policy}` is not a duration", "Write for example 5s or 500ms.");
            Timeouts[policy] = timeout;
        });
        Each("spec.policies.retries", (policy, value) => Retries[policy] = Retry(document, policy, value));
        Each("spec.policies.circuitBreakers", (policy, value) => Breakers[policy] = Breaker(document, policy, value));
        Each("spec.targets.apps", (app, value) => Apps[app] = Target(document, name, value));
        Each("spec.targets.components", (component, value) => Components[component] = (
            value.At("inbound") is { } inbound ? Target(document, name, inbound) : null,
            value.At("outbound") is { } outbound ? Target(document, name, outbound) : null));

        void Each(string path, Action<string, YamlNode> read)
        {
            if (root.At(path) is not YamlMappingNode entries)
                return;
            foreach (var (key, value) in entries.Children)
            {
                try
                {
                    read(((YamlScalarNode)key).Value ?? "", value);
                }
                catch (ResourceException failure)
                {
                    refused(failure);
                }
            }
        }
    }

    private TargetNames Target(ResourceDocument document, string resource, YamlNode node) => new(
        resource,
        Known(document, node, "timeout", Timeouts),
        Known(document, node, "retry", Retries),
        Known(document, node, "circuitBreaker", Breakers),
        int.TryParse(node.Text("circuitBreakerCacheSize"), out var size) && size > 0 ? size : DefaultCacheSize);

    private static string? Known<T>(ResourceDocument document, YamlNode node, string member, Dictionary<string, T> policies) =>
        node.Text(member) is not { Length: > 0 } name ? null
        : policies.ContainsKey(name) ? name
        : throw document.Error(node.At(member), $"there is no {member} policy `{name}`", $"Define it under spec.policies, or correct the name.");

    private static RetryRule Retry(ResourceDocument document, string name, YamlNode node)
    {
        var kind = node.Text("policy");
        if (kind is not (null or "" or "constant" or "exponential"))
            throw document.Error(node.At("policy"), $"retry `{name}`: policy `{kind}` is unknown", "Use constant or exponential.");
        var retries = -1;
        if (node.Text("maxRetries") is { Length: > 0 } text && !int.TryParse(text, out retries))
            throw document.Error(node.At("maxRetries"), $"retry `{name}`: maxRetries is not a whole number", "Write for example 3, or -1 for no limit.");
        return new RetryRule(
            kind == "exponential",
            Duration(document, node, "duration", RetryRule.DefaultDuration),
            Duration(document, node, "maxInterval", RetryRule.DefaultMaxInterval),
            retries,
            Codes(document, node, "matching.httpStatusCodes", 100, 599),
            Codes(document, node, "matching.gRPCStatusCodes", 0, 16));
    }

    private static BreakerRule Breaker(ResourceDocument document, string name, YamlNode node)
    {
        var trip = node.Text("trip") is { Length: > 0 } text ? text : "consecutiveFailures > 5";
        try
        {
            return new BreakerRule(
                int.TryParse(node.Text("maxRequests"), out var requests) && requests > 0 ? requests : 1,
                Duration(document, node, "interval", TimeSpan.Zero),
                Duration(document, node, "timeout", TimeSpan.FromSeconds(60)) is { Ticks: > 0 } timeout ? timeout : TimeSpan.FromSeconds(60),
                Trip(trip));
        }
        catch (ExpressionException failure)
        {
            throw document.Error(node.At("trip"), $"circuit breaker `{name}`: {failure.Message}", "Write for example consecutiveFailures > 5.");
        }
    }

    private static Func<BreakerCounts, bool> Trip(string text)
    {
        var expression = Expression.Compile(text);
        bool Trips(BreakerCounts counts) => expression.IsTrue(Scope.Empty
            .With("requests", Value.Of((long)counts.Requests))
            .With("totalSuccesses", Value.Of((long)counts.TotalSuccesses))
            .With("totalFailures", Value.Of((long)counts.TotalFailures))
            .With("consecutiveSuccesses", Value.Of((long)counts.ConsecutiveSuccesses))
            .With("consecutiveFailures", Value.Of((long)counts.ConsecutiveFailures)));
        // Evaluated once here, so that an unknown name or a result that is no bool is told with file and line.
        Trips(new BreakerCounts(1, 1, 1, 1, 1));
        return Trips;
    }

    private static TimeSpan Duration(ResourceDocument document, YamlNode node, string member, TimeSpan otherwise) =>
        node.Text(member) is not { Length: > 0 } text ? otherwise
        : Quantity.TryParseDuration(text, out var duration) ? duration
        : throw document.Error(node.At(member), $"`{text}` is not a duration", "Write for example 5s or 500ms.");

    private static CodeRanges? Codes(ResourceDocument document, YamlNode node, string member, int lowest, int highest) =>
        node.Text(member) is not { Length: > 0 } text ? null
        : CodeRanges.TryParse(text, lowest, highest)
            ?? throw document.Error(node.At(member), $"`{text}` is not a list of codes from {lowest} to {highest}", "Write for example 429,500-599.");
}
