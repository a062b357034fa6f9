using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Hands events to AppCallback.OnTopicEvent.</summary>
internal sealed class GrpcEventReceiver(GrpcApp app, Subscription subscription, TraceMode tracing) : IEventReceiver
{
    public async Task<EventAnswer> SendAsync(IncomingEvent incoming, string path, CancellationToken cancellation)
    {
        var headers = GrpcApp.Headers(incoming.Metadata, subscription.PubSub, tracing.ForApp(incoming.TraceParent));
        try
        {
            var answer = await app.CallAsync(AppCallbackMethods.OnTopicEvent, EventMessages.Single(incoming, subscription, path), headers, cancellation);
            return Read(answer.Status);
        }
        catch (RpcException)
        {
            return EventAnswer.NotImplemented;
        }
    }

    /// <exception cref="InvalidOperationException">The app wants the event again, or said something unknown.</exception>
    public static EventAnswer Read(TopicEventResponse.Types.TopicEventResponseStatus status) => status switch
    {
        TopicEventResponse.Types.TopicEventResponseStatus.Success => EventAnswer.Success,
        TopicEventResponse.Types.TopicEventResponseStatus.Drop => EventAnswer.Drop,
        _ => throw new InvalidOperationException($"the app answered {status}"),
    };
}
