using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;

namespace Dapr.Client;

internal sealed partial class DaprClientGrpc
{
    private const string JsonType = "application/json";
    private const string CloudEventType = "application/cloudevents+json";

    public override Task PublishEventAsync<TData>(string pubsubName, string topicName, TData data, CancellationToken cancellationToken = default) =>
        PublishJsonAsync(pubsubName, topicName, data, null, cancellationToken);

    public override Task PublishEventAsync<TData>(string pubsubName, string topicName, TData data, Dictionary<string, string> metadata, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return PublishJsonAsync(pubsubName, topicName, data, metadata, cancellationToken);
    }

    public override Task PublishEventAsync(string pubsubName, string topicName, CancellationToken cancellationToken = default) =>
        PublishAsync(pubsubName, topicName, null, null, null, cancellationToken);

    public override Task PublishEventAsync(string pubsubName, string topicName, Dictionary<string, string> metadata, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return PublishAsync(pubsubName, topicName, null, null, metadata, cancellationToken);
    }

    public override Task PublishByteEventAsync(string pubsubName, string topicName, ReadOnlyMemory<byte> data, string dataContentType = JsonType, Dictionary<string, string>? metadata = null, CancellationToken cancellationToken = default) =>
        PublishAsync(pubsubName, topicName, ByteString.CopyFrom(data.Span), dataContentType, metadata, cancellationToken);

    public override async Task<BulkPublishResponse<TValue>> BulkPublishEventAsync<TValue>(string pubsubName, string topicName, IReadOnlyList<TValue> events, Dictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pubsubName);
        ArgumentException.ThrowIfNullOrEmpty(topicName);
        ArgumentNullException.ThrowIfNull(events);
        var request = new BulkPublishRequest { PubsubName = pubsubName, Topic = topicName };
        Add(request.Metadata, metadata);
        var entries = new Dictionary<string, BulkPublishEntry<TValue>>();
        foreach (var data in events)
        {
            ArgumentNullException.ThrowIfNull(data, nameof(events));
            var (bytes, contentType) = data switch
            {
                byte[] raw => (ByteString.CopyFrom(raw), "application/octet-stream"),
                CloudEvent => (ToJson("Bulk Publish", data), CloudEventType),
                _ => (ToJson("Bulk Publish", data), JsonType),
            };
            var entry = new BulkPublishRequestEntry { EntryId = $"{entries.Count}", Event = bytes, ContentType = contentType };
            Add(entry.Metadata, metadata);
            request.Entries.Add(entry);
            entries.Add(entry.EntryId, new(entry.EntryId, data, contentType, metadata));
        }
        var answer = await CallAsync("Bulk Publish", DaprMethods.BulkPublishEvent, request, cancellationToken);
        return new([.. answer.FailedEntries.Select(f => new BulkPublishResponseFailedEntry<TValue>(entries[f.EntryId], f.Error))]);
    }

    private Task<Empty> PublishJsonAsync<TData>(string pubsubName, string topicName, TData data, Dictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        return PublishAsync(pubsubName, topicName, ToJson("Publish", data), data is CloudEvent ? CloudEventType : JsonType, metadata, cancellationToken);
    }

    private Task<Empty> PublishAsync(string pubsubName, string topicName, ByteString? data, string? contentType, Dictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(pubsubName);
        ArgumentException.ThrowIfNullOrEmpty(topicName);
        var request = new PublishEventRequest { PubsubName = pubsubName, Topic = topicName, Data = data ?? ByteString.Empty, DataContentType = contentType ?? "" };
        Add(request.Metadata, metadata);
        return CallAsync("Publish", DaprMethods.PublishEvent, request, cancellationToken);
    }
}
