using System.Diagnostics;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using Enum = System.Enum;

namespace Dapr.Workflow;

/// <inheritdoc cref="IDaprWorkflowClient"/>
public sealed class DaprWorkflowClient : IDaprWorkflowClient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly GrpcChannel channel;
    private readonly IDaprSerializer serializer;
    private readonly bool ownsChannel;

    internal DaprWorkflowClient(GrpcChannel channel, IDaprSerializer serializer, bool ownsChannel) =>
        (this.channel, this.serializer, this.ownsChannel) = (channel, serializer, ownsChannel);

    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, (DateTimeOffset?)null);

    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, startTime is { } time ? new DateTimeOffset(time) : null);

    public async Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = new CreateInstanceRequest
        {
            Name = name,
            InstanceId = string.IsNullOrEmpty(instanceId) ? Guid.NewGuid().ToString("D") : instanceId,
            Input = serializer.Serialize(input),
            ScheduledStartTimestamp = startTime is { } time ? Timestamp.FromDateTimeOffset(time) : null,
        };
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity)
            request.ParentTraceContext = new() { TraceParent = id, TraceState = activity.TraceStateString };
        return (await CallAsync(TaskHubMethods.StartInstance, request, cancellation)).InstanceId;
    }

    public async Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default)
    {
        try
        {
            var answer = await CallAsync(TaskHubMethods.GetInstance, Request(instanceId, getInputsAndOutputs), cancellation);
            return new(answer.Exists ? answer.WorkflowState : null, serializer);
        }
        catch (RpcException e) when (e.Status == StatusCode.NotFound)
        {
            return new(null, serializer);
        }
    }

    public Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        WaitAsync(TaskHubMethods.WaitForInstanceStart, instanceId, getInputsAndOutputs, cancellation);

    public async Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default)
    {
        var state = await WaitAsync(TaskHubMethods.WaitForInstanceCompletion, instanceId, false, cancellation);
        return getInputsAndOutputs ? await GetWorkflowStateAsync(instanceId, true, cancellation) : state;
    }

    public Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return CallAsync(TaskHubMethods.RaiseEvent, new() { InstanceId = instanceId, Name = eventName, Input = serializer.Serialize(eventPayload) }, cancellation);
    }

    public Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return CallAsync(TaskHubMethods.TerminateInstance, new() { InstanceId = instanceId, Output = serializer.Serialize(output), Recursive = true }, cancellation);
    }

    public Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return CallAsync(TaskHubMethods.SuspendInstance, new() { InstanceId = instanceId, Reason = reason ?? "" }, cancellation);
    }

    public Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return CallAsync(TaskHubMethods.ResumeInstance, new() { InstanceId = instanceId, Reason = reason ?? "" }, cancellation);
    }

    public async Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return (await CallAsync(TaskHubMethods.PurgeInstances, new() { InstanceId = instanceId, Recursive = true }, cancellation)).DeletedInstanceCount > 0;
    }

    public async Task<WorkflowInstancePage> ListInstanceIdsAsync(string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default)
    {
        var request = new ListInstanceIDsRequest();
        if (continuationToken is not null)
            request.ContinuationToken = continuationToken;
        if (pageSize is { } size)
            request.PageSize = checked((uint)size);
        var answer = await CallAsync(TaskHubMethods.ListInstanceIDs, request, cancellation);
        return new([.. answer.InstanceIds], answer.HasContinuationToken ? answer.ContinuationToken : null);
    }

    public async Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var answer = await CallAsync(TaskHubMethods.GetInstanceHistory, new() { InstanceId = instanceId }, cancellation);
        return [.. answer.Events.Select(e => new WorkflowHistoryEvent(e.EventId, TypeOf(e), e.Timestamp?.ToDateTime() ?? default))];
    }

    public async Task<string> RerunWorkflowFromEventAsync(string sourceInstanceId, uint eventId, RerunWorkflowFromEventOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceInstanceId);
        var request = new RerunWorkflowFromEventRequest { SourceInstanceID = sourceInstanceId, EventID = eventId, OverwriteInput = options?.OverwriteInput ?? false };
        if (options?.NewInstanceId is { } newId)
            request.NewInstanceID = newId;
        if (options is { OverwriteInput: true })
            request.Input = serializer.Serialize(options.Input);
        return (await CallAsync(TaskHubMethods.RerunWorkflowFromEvent, request, cancellation)).NewInstanceID;
    }

    /// <summary>A channel that is shared with the worker outlives the client.</summary>
    public void Dispose()
    {
        if (ownsChannel)
            channel.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static WorkflowHistoryEventType TypeOf(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.WorkflowStarted => WorkflowHistoryEventType.OrchestratorStarted,
        HistoryEvent.EventTypeOneofCase.WorkflowCompleted => WorkflowHistoryEventType.OrchestratorCompleted,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => WorkflowHistoryEventType.SubOrchestrationInstanceCreated,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => WorkflowHistoryEventType.SubOrchestrationInstanceCompleted,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => WorkflowHistoryEventType.SubOrchestrationInstanceFailed,
        var other => Enum.TryParse<WorkflowHistoryEventType>(other.ToString(), out var type) ? type : WorkflowHistoryEventType.Unknown,
    };

    private static GetInstanceRequest Request(string instanceId, bool getInputsAndOutputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return new() { InstanceId = instanceId, GetInputsAndOutputs = getInputsAndOutputs };
    }

    // A wait outlives restarts of the sidecar: only the caller ends it.
    private async Task<WorkflowState> WaitAsync(Method<GetInstanceRequest, GetInstanceResponse> method, string instanceId, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        var request = Request(instanceId, getInputsAndOutputs);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            try
            {
                var answer = await CallAsync(method, request, cancellation);
                return answer.Exists ? new(answer.WorkflowState, serializer) : throw new InvalidOperationException($"Workflow instance '{instanceId}' does not exist.");
            }
            catch (RpcException e) when (e.Status is StatusCode.DeadlineExceeded or StatusCode.Unavailable)
            {
                await Task.Delay(pause, cancellation);
            }
    }

    private Task<TRes> CallAsync<TReq, TRes>(Method<TReq, TRes> method, TReq request, CancellationToken cancellation)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> =>
        channel.UnaryAsync(method, request, new() { CancellationToken = cancellation });
}
