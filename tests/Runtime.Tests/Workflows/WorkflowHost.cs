using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>A worker's stream to a sidecar, and the items that came.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly CancellationTokenSource closing = new();
    private readonly Channel<WorkItem> arrived = Channel.CreateUnbounded<WorkItem>();
    private readonly List<WorkItem> kept = [];
    private readonly GrpcChannel channel;
    private readonly Task loop;

    public Worker(GrpcChannel channel)
    {
        this.channel = channel;
        loop = ReadAsync();
    }

    /// <summary>Completes with the stream.</summary>
    public Task Ended => loop;

    public IReadOnlyList<WorkItem> Unread
    {
        get
        {
            while (arrived.Reader.TryRead(out var item))
                kept.Add(item);
            return kept;
        }
    }

    /// <summary>The next item that fits, within 10 s; others stay.</summary>
    public async Task<WorkItem> NextAsync(Func<WorkItem, bool> fits, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            while (true)
            {
                if (Unread.FirstOrDefault(fits) is { } found)
                {
                    kept.Remove(found);
                    return found;
                }
                kept.Add(await arrived.Reader.ReadAsync(limit.Token));
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no {what} came; there are: {string.Join("; ", kept)}");
        }
    }

    public async Task<WorkflowRequest> TurnAsync(string instanceId) =>
        (await NextAsync(i => i.WorkflowRequest?.InstanceId == instanceId, $"turn of {instanceId}")).WorkflowRequest;

    public async Task<ActivityRequest> ActivityAsync(string instanceId) =>
        (await NextAsync(i => i.ActivityRequest?.WorkflowInstance.InstanceId == instanceId, $"activity of {instanceId}")).ActivityRequest;

    public Task AnswerAsync(string instanceId, params WorkflowAction[] actions) =>
        channel.UnaryAsync(TaskHubMethods.CompleteWorkflowTask, new WorkflowResponse { InstanceId = instanceId, Actions = { actions } });

    public Task AnswerActivityAsync(string instanceId, int taskId, string result) =>
        channel.UnaryAsync(TaskHubMethods.CompleteActivityTask, new ActivityResponse { InstanceId = instanceId, TaskId = taskId, Result = result });

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await loop;
        closing.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var item in channel.ServerStreamAsync(TaskHubMethods.GetWorkItems, new GetWorkItemsRequest(), new() { CancellationToken = closing.Token }))
                await arrived.Writer.WriteAsync(item);
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException)
        {
        }
        arrived.Writer.TryComplete();
    }
}

/// <summary>Actions as a worker answers them.</summary>
internal static class Actions
{
    public static WorkflowAction Task(int id, string name, string? input = null) => new() { Id = id, ScheduleTask = new() { Name = name, Input = input } };

    public static WorkflowAction Timer(int id, TimeSpan after) =>
        new() { Id = id, CreateTimer = new() { FireAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow + after) } };

    public static WorkflowAction Complete(int id, string? result = null, OrchestrationStatus status = OrchestrationStatus.Completed) =>
        new() { Id = id, CompleteWorkflow = new() { WorkflowStatus = status, Result = result } };

    public static WorkflowAction ContinueAsNew(int id, string? input) => Complete(id, input, OrchestrationStatus.ContinuedAsNew);
}

/// <summary>Sidecars with a store for workflows.</summary>
internal static class WorkflowHost
{
    public const string Store = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: statestore}
        spec:
          type: state.in-memory
          version: v1
          metadata:
          - {name: actorStateStore, value: "true"}
        """;

    public static Task<TestSidecar> StartAsync(TempFolder folder, string? configuration = null) =>
        TestSidecar.StartAsync(folder, [Store], Hosting.Backends.Embedded, configuration, o => o with { AppId = "wfapp" });

    public static Task<CreateInstanceResponse> StartAsync(this TestSidecar sidecar, string id, string name, string? input = null) =>
        sidecar.Grpc.UnaryAsync(TaskHubMethods.StartInstance, new() { InstanceId = id, Name = name, Input = input });

    public static Task<RaiseEventResponse> RaiseAsync(this TestSidecar sidecar, string id, string name) =>
        sidecar.Grpc.UnaryAsync(TaskHubMethods.RaiseEvent, new RaiseEventRequest { InstanceId = id, Name = name });

    public static async Task<WorkflowState?> GetAsync(this TestSidecar sidecar, string id) =>
        (await sidecar.Grpc.UnaryAsync(TaskHubMethods.GetInstance, new() { InstanceId = id, GetInputsAndOutputs = true })).WorkflowState;

    public static async Task<WorkflowState> CompletionAsync(this TestSidecar sidecar, string id) =>
        (await sidecar.Grpc.UnaryAsync(TaskHubMethods.WaitForInstanceCompletion, new() { InstanceId = id, GetInputsAndOutputs = true }, new() { Timeout = TimeSpan.FromSeconds(20) })).WorkflowState;

    public static async Task<IReadOnlyList<HistoryEvent>> HistoryAsync(this TestSidecar sidecar, string id) =>
        (await sidecar.Grpc.UnaryAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = id })).Events;
}
