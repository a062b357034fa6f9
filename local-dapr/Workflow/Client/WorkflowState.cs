using Dapr.Common.Serialization;
using Wire = LocalDapr.Protocol.TaskHub;

namespace Dapr.Workflow;

/// <summary>What the engine knows of an instance; <see cref="Exists"/> is false when it knows none.</summary>
public sealed class WorkflowState
{
    private readonly Wire.WorkflowState? state;
    private readonly IDaprSerializer serializer;

    internal WorkflowState(Wire.WorkflowState? state, IDaprSerializer serializer) => (this.state, this.serializer) = (state, serializer);

    public string? WorkflowName => state?.Name;

    public bool Exists => state is not null;

    public bool IsWorkflowRunning => RuntimeStatus == WorkflowRuntimeStatus.Running;

    public bool IsWorkflowCompleted => RuntimeStatus is WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated;

    public DateTimeOffset CreatedAt => state?.CreatedTimestamp?.ToDateTimeOffset() ?? default;

    public DateTimeOffset LastUpdatedAt => state?.LastUpdatedTimestamp?.ToDateTimeOffset() ?? default;

    public WorkflowRuntimeStatus RuntimeStatus => state is null ? WorkflowRuntimeStatus.Unknown : (WorkflowRuntimeStatus)(int)state.WorkflowStatus;

    public WorkflowTaskFailureDetails? FailureDetails =>
        state?.FailureDetails is { } f ? new(f.ErrorType, f.ErrorMessage, f.StackTrace) : null;

    public T? ReadInputAs<T>() => serializer.Deserialize<T>(state?.Input);

    public T? ReadOutputAs<T>() => serializer.Deserialize<T>(state?.Output);

    public T? ReadCustomStatusAs<T>() => serializer.Deserialize<T>(state?.CustomStatus);
}
