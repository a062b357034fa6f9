namespace LocalDapr.Runtime.Tests;

/// <summary>Resource files for tests.</summary>
internal static class Yaml
{
    /// <summary>A Component with metadata as name-value pairs.</summary>
    public static string Component(string name, string type, params (string Name, string Value)[] metadata) =>
        $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata: [{string.Join(", ", metadata.Select(m => $"{{name: {m.Name}, value: \"{m.Value}\"}}"))}]
        """;

    /// <summary>A Subscription of the component <c>pubsub</c>.</summary>
    public static string Subscription(string topic, string route) =>
        $"""
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata:
          name: {topic}
        spec:
          pubsubname: pubsub
          topic: {topic}
          routes:
            default: {route}
        """;
}
