using System.Text.Json.Serialization;

namespace LocalDapr.Runtime.PubSub;

/// <summary>One entry of the answer to GET /dapr/subscribe.</summary>
internal sealed record SubscribeEntry
{
    public string? PubsubName { get; init; }

    public string? Topic { get; init; }

    public string? DeadLetterTopic { get; init; }

    public Dictionary<string, string>? Metadata { get; init; }

    public string? Route { get; init; }

    public SubscribeRoutes? Routes { get; init; }

    public SubscribeBulk? BulkSubscribe { get; init; }
}

internal sealed record SubscribeRoutes(List<SubscribeRule>? Rules, string? Default);

internal sealed record SubscribeRule(string? Match, string? Path);

internal sealed record SubscribeBulk(bool Enabled, int MaxMessagesCount, int MaxAwaitDurationMs);

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(List<SubscribeEntry>))]
internal sealed partial class SubscribeJson : JsonSerializerContext;
