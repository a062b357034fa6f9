using System.Collections.Concurrent;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.PubSub;

/// <summary>Sends events down an open stream and waits for their answers, which name the event's id.</summary>
internal sealed class StreamEventReceiver(Subscription subscription, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> writer) : IEventReceiver
{
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<TaskCompletionSource<EventAnswer>>> waiting = new(StringComparer.Ordinal);

    /// <summary>Tells the client that the subscription runs. It takes the first message of the stream for that, so no event goes before it.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        await writer.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { InitialResponse = new() }, cancellation);
        begun.SetResult();
    }

    public async Task<EventAnswer> SendAsync(IncomingEvent incoming, string path, CancellationToken cancellation)
    {
        await begun.Task.WaitAsync(cancellation);
        var message = EventMessages.Single(incoming, subscription, path);
        var answer = new TaskCompletionSource<EventAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sameId = waiting.GetOrAdd(message.Id, _ => new());
        sameId.Enqueue(answer);
        try
        {
            await writer.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { EventMessage = message }, cancellation);
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            answer.TrySetCanceled(CancellationToken.None);
            if (sameId.All(a => a.Task.IsCompleted))
                waiting.TryRemove(new(message.Id, sameId));
        }
    }

    /// <summary>An answer for an id that nobody waits for is ignored.</summary>
    public void Answer(SubscribeTopicEventsRequestProcessedAlpha1 processed)
    {
        if (!waiting.TryGetValue(processed.Id, out var sameId))
            return;
        while (sameId.TryDequeue(out var answer))
        {
            if (answer.Task.IsCompleted)
                continue;
            try
            {
                answer.TrySetResult(GrpcEventReceiver.Read(processed.Status?.Status ?? default));
            }
            catch (InvalidOperationException failure)
            {
                answer.TrySetException(failure);
            }
            return;
        }
    }
}
