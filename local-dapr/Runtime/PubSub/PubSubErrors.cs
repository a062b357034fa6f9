using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.PubSub;

/// <summary>The refusals of the publish API (contract section 3).</summary>
internal static class PubSubErrors
{
    public static ApiException NotFound(string name) =>
        Error(404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND", "DAPR_PUBSUB_NOT_FOUND", name, $"pubsub {name} is not found", named: false);

    public static ApiException NameEmpty() =>
        Error(404, StatusCode.InvalidArgument, "ERR_PUBSUB_EMPTY", "DAPR_PUBSUB_NAME_EMPTY", "", "pubsub name is empty", named: false);

    public static ApiException TopicEmpty(string name) =>
        Error(404, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", name, $"topic is empty in pubsub {name}");

    public static ApiException Forbidden(string name, string topic, string appId) =>
        Error(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN", "DAPR_PUBSUB_FORBIDDEN", name, $"topic {topic} is not allowed for app id {appId}", metadata: new() { ["topic"] = topic });

    public static ApiException Metadata(string name, IReadOnlyDictionary<string, string> metadata) =>
        Error(400, StatusCode.InvalidArgument, "ERR_PUBSUB_REQUEST_METADATA", "DAPR_PUBSUB_METADATA_DESERIALIZATION", name, "rawPayload is no bool", metadata: new(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))));

    public static ApiException CloudEvent(string name, string appId, string problem) =>
        Error(400, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", "DAPR_PUBSUB_CLOUD_EVENT_CREATION", name, $"cannot create cloudevent: {problem}", metadata: new() { ["appID"] = appId });

    public static ApiException Events(string reason, string name, string appId, string problem) =>
        Error(400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", reason, name, problem, metadata: new() { ["appID"] = appId });

    public static ApiException Publish(string name, string topic, string appId, string problem) =>
        Error(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE", "DAPR_PUBSUB_PUBLISH_MESSAGE", name, $"error when publishing to topic {topic} in pubsub {name}: {problem}", metadata: new() { ["appID"] = appId });

    private static ApiException Error(int http, StatusCode grpc, string code, string reason, string name, string message, JsonObject? metadata = null, bool named = true) =>
        ApiException.Kit(http, grpc, code, reason, message, named ? ("pubsub", name) : null, metadata);
}
