using Dapr.Proto.Runtime.V1;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.PubSub;

/// <summary>PublishEvent, BulkPublishEvent and BulkPublishEventAlpha1 (contract section 5).</summary>
internal sealed class PublishGrpc(Publisher publisher)
{
    private static readonly Empty Done = new();

    public void Map(GrpcServices grpc)
    {
        grpc.Serve(DaprMethods.PublishEvent, PublishAsync);
        grpc.Serve(DaprMethods.BulkPublishEvent, BulkAsync);
        grpc.Serve(DaprMethods.BulkPublishEventAlpha1, BulkAsync);
    }

    private async Task<Empty> PublishAsync(PublishEventRequest request, ServerCallContext call)
    {
        var contentType = request.DataContentType is { Length: > 0 } given ? given : "text/plain";
        var trace = Trace(call);
        var metadata = Copy(request.Metadata);
        if (metadata.ContainsKey("rawPayload") && PublishMetadata.IsRaw(metadata) is true)
            metadata = new Dictionary<string, string>(metadata) { ["traceid"] = trace.Parent, ["tracestate"] = trace.State };
        await publisher.PublishAsync(request.PubsubName, request.Topic, new PublishRequest(request.Data.Memory, contentType, metadata, trace), call.CancellationToken);
        return Done;
    }

    private async Task<BulkPublishResponse> BulkAsync(BulkPublishRequest request, ServerCallContext call)
    {
        var component = publisher.Find(request.PubsubName, request.Topic);
        var ofRequest = Copy(request.Metadata);
        var isRaw = Publisher.IsRaw(component, ofRequest);
        var trace = Trace(call);
        var entries = new List<BulkEntry>(request.Entries.Count);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in request.Entries)
        {
            if (entry.EntryId.Length == 0 || !ids.Add(entry.EntryId))
                throw PubSubErrors.Events("DAPR_PUBSUB_MARSHAL_EVENTS", component.Name, publisher.AppId, "every entry needs an entryId of its own");
            var metadata = ofRequest;
            if (entry.Metadata.Count > 0)
            {
                metadata = new Dictionary<string, string>(ofRequest);
                foreach (var (name, value) in entry.Metadata)
                    metadata[name] = value;
            }
            var contentType = entry.ContentType is { Length: > 0 } given ? given : "text/plain";
            entries.Add(new BulkEntry(entry.EntryId, new PublishRequest(entry.Event.Memory, contentType, metadata, trace)));
        }
        var failures = await BulkPublish.SendAsync(publisher, component, request.Topic, entries, isRaw, call.CancellationToken);
        return failures.Count == 0 ? new BulkPublishResponse() : throw PubSubErrors.Publish(component.Name, request.Topic, publisher.AppId, failures[0].Error);
    }

    private static Dictionary<string, string> Copy(Google.Protobuf.Collections.MapField<string, string> map)
    {
        var copy = new Dictionary<string, string>(map.Count, StringComparer.Ordinal);
        foreach (var (name, value) in map)
            copy[name] = value;
        return copy;
    }

    private EventTrace Trace(ServerCallContext call)
    {
        var trace = publisher.Tracing.ForEvent(TraceContext.Of(call.HttpContext));
        return publisher.Tracing == TraceMode.On ? trace with { State = "" } : trace;
    }
}
