using System.Collections.Concurrent;
using System.Globalization;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>A worker whose only workflow runs activities 0, 1, ... one after another; it derives the next step from the history alone.</summary>
internal sealed class ChainWorker(GrpcChannel channel, int steps, ConcurrentDictionary<(string Instance, int Step), int> executions) : IAsyncDisposable
{
    private readonly CancellationTokenSource closing = new();
    private Task loop = Task.CompletedTask;

    public ChainWorker Start()
    {
        loop = RunAsync();
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await loop;
        closing.Dispose();
    }

    public static WorkflowResponse Decide(WorkflowRequest turn, int steps)
    {
        var events = turn.PastEvents.Concat(turn.NewEvents).ToArray();
        var scheduled = events.Count(e => e.TaskScheduled is not null);
        var answer = new WorkflowResponse { InstanceId = turn.InstanceId };
        if (scheduled == events.Count(e => e.TaskCompleted is not null))
            answer.Actions.Add(scheduled < steps ? Actions.Task(scheduled, "step", scheduled.ToString(CultureInfo.InvariantCulture)) : Actions.Complete(scheduled, "\"done\""));
        return answer;
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var item in channel.ServerStreamAsync(TaskHubMethods.GetWorkItems, new GetWorkItemsRequest(), new() { CancellationToken = closing.Token }))
                _ = AnswerAsync(item);
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException)
        {
        }
    }

    private async Task AnswerAsync(WorkItem item)
    {
        try
        {
            if (item.WorkflowRequest is { } turn)
            {
                var answer = Decide(turn, steps);
                answer.CompletionToken = item.CompletionToken;
                await channel.UnaryAsync(TaskHubMethods.CompleteOrchestratorTask, answer);
                return;
            }
            var activity = item.ActivityRequest;
            var id = activity.WorkflowInstance.InstanceId;
            executions.AddOrUpdate((id, activity.TaskId), 1, (_, n) => n + 1);
            await channel.UnaryAsync(TaskHubMethods.CompleteActivityTask, new ActivityResponse { InstanceId = id, TaskId = activity.TaskId, Result = activity.Input, CompletionToken = item.CompletionToken });
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException)
        {
            // The sidecar was killed: it will send the item again.
        }
    }
}
