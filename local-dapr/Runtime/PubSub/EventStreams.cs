using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Dapr.SubscribeTopicEventsAlpha1: each open stream is a subscription of its own (contract section 6).</summary>
internal sealed class EventStreams(Publisher publisher, Subscriptions subscriptions, SubscriptionStarter starter) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();

    public async Task ServeAsync(IAsyncEnumerable<SubscribeTopicEventsRequestAlpha1> requests, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> writer, ServerCallContext call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stop.Token);
        await using var reader = requests.GetAsyncEnumerator(end.Token);
        if (!await reader.MoveNextAsync() || reader.Current.InitialRequest is not { } initial)
            throw new RpcException(StatusCode.InvalidArgument, "the first message of the stream must be initial_request");
        var (component, subscription) = Accept(initial);
        var receiver = new StreamEventReceiver(subscription, writer);
        var running = await starter.StartAsync(component, subscription, receiver, end.Token);
        subscriptions.AddStream(subscription);
        try
        {
            await receiver.BeginAsync(end.Token);
            while (await reader.MoveNextAsync().AsTask().WaitAsync(end.Token))
            {
                if (reader.Current.EventProcessed is not { } processed)
                    throw new RpcException(StatusCode.InvalidArgument, "the stream has begun already: only event_processed may follow");
                receiver.Answer(processed);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            subscriptions.RemoveStream(subscription);
            await running.DisposeAsync();
        }
    }

    /// <summary>Ends all streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        stop.Dispose();
    }

    private (PubSubComponent Component, Subscription Subscription) Accept(SubscribeTopicEventsRequestInitialAlpha1 initial)
    {
        if (initial.PubsubName.Length == 0 || initial.Topic.Length == 0)
            throw new RpcException(StatusCode.InvalidArgument, "initial_request needs pubsub_name and topic");
        PubSubComponent component;
        try
        {
            component = publisher.Find(initial.PubsubName, initial.Topic);
        }
        catch (ApiException failure)
        {
            throw failure.ToRpc();
        }
        if (!component.Scopes.MaySubscribe(initial.Topic))
            throw new RpcException(StatusCode.PermissionDenied, $"subscription to topic {initial.Topic} on pubsub {initial.PubsubName} is not allowed");
        return (component, new Subscription(SubscriptionKind.Streaming, initial.PubsubName, initial.Topic, new Dictionary<string, string>(initial.Metadata),
            [new Rule(null, "/")], initial.HasDeadLetterTopic && initial.DeadLetterTopic.Length > 0 ? initial.DeadLetterTopic : null));
    }
}
