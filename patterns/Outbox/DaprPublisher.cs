using System.Diagnostics;
using Dapr.Client;
using Quayside.EventSourcing;

namespace Quayside.Outbox;

/// <summary>Publishes the envelope as the data of a CloudEvent whose id, type and subject are those of the stored event.</summary>
/// <param name="source">The CloudEvent source: the app id.</param>
public sealed class DaprPublisher(DaprClient dapr, string pubsub, string topic, string source)
{
    private static readonly ActivitySource Traces = new("Quayside.Outbox");

    public async Task PublishAsync(DomainEvent stored, CancellationToken cancellationToken)
    {
        using var span = Continue(stored);
        Dictionary<string, string> metadata = new()
        {
            ["cloudevent.id"] = stored.EventId.ToString(),
            ["cloudevent.type"] = stored.EventType,
            ["cloudevent.source"] = source,
            ["cloudevent.subject"] = stored.AggregateId,
            ["partitionKey"] = stored.AggregateId,
        };
        await dapr.PublishByteEventAsync(pubsub, topic, Envelope.ToJson(stored), "application/json", metadata, cancellationToken);
    }

    // The request that caused the event is long answered; its trace goes on here, whether anybody listens or not.
    private Activity? Continue(DomainEvent stored)
    {
        Activity.Current = null;
        if (!ActivityContext.TryParse(stored.Metadata.Traceparent, null, isRemote: true, out var parent))
            return null;
        return Traces.StartActivity($"publish {topic}", ActivityKind.Producer, parent)
            ?? new Activity($"publish {topic}").SetParentId(stored.Metadata.Traceparent!).Start();
    }
}
