using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Resiliency;
using Status = Dapr.Proto.Runtime.V1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Hands batches to AppCallback.OnBulkTopicEvent, or to its alpha form in apps that only have that.</summary>
internal sealed class GrpcBulkReceiver(GrpcApp app, Subscription subscription) : IBulkReceiver
{
    public async Task<IReadOnlyDictionary<string, EntryStatus>?> SendAsync(IReadOnlyList<BulkItem> items, string path, CancellationToken cancellation)
    {
        var request = new TopicEventBulkRequest
        {
            Id = Guid.NewGuid().ToString(),
            Topic = subscription.Topic,
            PubsubName = subscription.PubSub,
            Type = "com.dapr.event.sent.bulk",
            Path = path,
        };
        request.Metadata["pubsubName"] = subscription.PubSub;
        foreach (var item in items)
            request.Entries.Add(EventMessages.BulkEntry(item.EntryId, item.Incoming!, subscription));
        var answer = await CallAsync(request, cancellation);
        var statuses = new Dictionary<string, EntryStatus>(StringComparer.Ordinal);
        foreach (var entry in answer.Statuses)
        {
            statuses[entry.EntryId] = entry.Status switch
            {
                Status.Success => EntryStatus.Success,
                Status.Drop => EntryStatus.Drop,
                _ => EntryStatus.Retry,
            };
        }
        return statuses;
    }

    private async Task<TopicEventBulkResponse> CallAsync(TopicEventBulkRequest request, CancellationToken cancellation)
    {
        var headers = GrpcApp.Headers(Subscription.NoMetadata, subscription.PubSub, null);
        try
        {
            return await app.CallAsync(AppCallbackMethods.OnBulkTopicEvent, request, headers, cancellation);
        }
        catch (RpcException)
        {
            try
            {
                return await app.CallAsync(AppCallbackMethods.OnBulkTopicEventAlpha1, request, headers, cancellation);
            }
            catch (RpcException failure)
            {
                throw new CodedException((int)failure.Status, "the app implements neither OnBulkTopicEvent nor OnBulkTopicEventAlpha1", failure);
            }
        }
    }
}
