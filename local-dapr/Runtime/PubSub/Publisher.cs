using System.Text.Json;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

/// <summary>A wish to publish, from HTTP, gRPC or the runtime itself.</summary>
internal readonly record struct PublishRequest(ReadOnlyMemory<byte> Data, string ContentType, IReadOnlyDictionary<string, string> Metadata, EventTrace Trace);

/// <summary>Publishes as Dapr does: scopes, envelope, outbound policy, broker.</summary>
internal sealed class Publisher(SidecarContext context, PubSubComponents components)
{
    private readonly TraceMode tracing = TraceModes.Of(context.Configuration);

    public string AppId => context.Options.AppId;

    public TraceMode Tracing => tracing;

    /// <summary>The component, once name, topic and scopes are in order.</summary>
    public PubSubComponent Find(string pubsub, string topic)
    {
        if (pubsub.Length == 0)
            throw PubSubErrors.NameEmpty();
        if (components.Find(pubsub) is not { } component)
            throw PubSubErrors.NotFound(pubsub);
        if (topic.Length == 0)
            throw PubSubErrors.TopicEmpty(pubsub);
        return component;
    }

    public void CheckScope(PubSubComponent component, string topic)
    {
        if (!component.Scopes.MayPublish(topic))
            throw PubSubErrors.Forbidden(component.Name, topic, AppId);
    }

    public static bool IsRaw(PubSubComponent component, IReadOnlyDictionary<string, string> metadata) =>
        PublishMetadata.IsRaw(metadata) ?? throw PubSubErrors.Metadata(component.Name, metadata);

    public Task PublishAsync(string pubsub, string topic, PublishRequest request, CancellationToken cancellation)
    {
        var component = Find(pubsub, topic);
        var isRaw = IsRaw(component, request.Metadata);
        CheckScope(component, topic);
        return SendAsync(component, Message(component, topic, request, isRaw), cancellation);
    }

    /// <summary>The message that goes to the broker: the data itself, or an event around it.</summary>
    public BrokerMessage Message(PubSubComponent component, string topic, PublishRequest request, bool isRaw)
    {
        if (isRaw)
            return new BrokerMessage(topic, request.Data, request.Metadata);
        var now = context.Time.GetUtcNow();
        if (!ContentTypes.IsCloudEvent(request.ContentType))
            return new BrokerMessage(topic, CloudEventWriter.Wrap(request.Data.Span, request.ContentType, component.Name, topic, AppId, request.Metadata, request.Trace, now), request.Metadata);
        try
        {
            return new BrokerMessage(topic, CloudEventWriter.Complete(request.Data, component.Name, topic, request.Metadata, request.Trace, now), request.Metadata);
        }
        catch (JsonException failure)
        {
            throw PubSubErrors.CloudEvent(component.Name, AppId, failure.Message);
        }
    }

    public async Task SendAsync(PubSubComponent component, BrokerMessage message, CancellationToken cancellation)
    {
        try
        {
            var policy = context.Policies.Outbound(component.Name, "Pubsub");
            if (ReferenceEquals(policy, Policy.None))
                await component.Broker.PublishAsync(message, cancellation);
            else
                await policy.ExecuteAsync(async attempt =>
                {
                    await component.Broker.PublishAsync(message, attempt);
                    return true;
                }, cancellation);
        }
        catch (Exception failure) when (failure is not ApiException && !cancellation.IsCancellationRequested)
        {
            throw PubSubErrors.Publish(component.Name, message.Topic, AppId, failure.Message);
        }
    }
}
