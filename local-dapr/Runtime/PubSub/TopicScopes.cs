using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Who may publish and subscribe where: allowedTopics, protectedTopics, publishingScopes, subscriptionScopes (contract section 5).</summary>
internal sealed class TopicScopes
{
    private readonly HashSet<string> allowed;
    private readonly HashSet<string> secured;
    private readonly HashSet<string>? publishing;
    private readonly HashSet<string>? subscribing;

    public TopicScopes(Component component, string appId)
    {
        allowed = Topics(component["allowedTopics"]);
        secured = Topics(component["protectedTopics"]);
        publishing = OfApp(component["publishingScopes"], appId);
        subscribing = OfApp(component["subscriptionScopes"], appId);
    }

    public bool MayPublish(string topic) => May(topic, publishing);

    public bool MaySubscribe(string topic) => May(topic, subscribing);

    /// <summary>Null when the app is not listed, and so unrestricted.</summary>
    private static HashSet<string>? OfApp(string? scopes, string appId)
    {
        foreach (var entry in (scopes ?? "").Replace(" ", "", StringComparison.Ordinal).Split(';'))
        {
            if (entry.Split('=') is [var app, var topics] && app == appId)
                return Topics(topics);
        }
        return null;
    }

    private static HashSet<string> Topics(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private bool May(string topic, HashSet<string>? scope)
    {
        if (allowed.Count > 0 && !allowed.Contains(topic))
            return false;
        if (secured.Contains(topic))
            return scope is not null && scope.Contains(topic);
        return scope is null || scope.Contains(topic);
    }
}
