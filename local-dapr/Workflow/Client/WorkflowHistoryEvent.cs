namespace Dapr.Workflow.Client;

/// <summary>One event of an instance's history; its id is that of the action that made it, or -1.</summary>
public sealed record WorkflowHistoryEvent(int EventId, WorkflowHistoryEventType EventType, DateTime Timestamp);

public enum WorkflowHistoryEventType
{
    Unknown,
    ExecutionStarted,
    ExecutionCompleted,
    ExecutionTerminated,
    TaskScheduled,
    TaskCompleted,
    TaskFailed,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceFailed,
    TimerCreated,
    TimerFired,
    WorkflowStarted,
    WorkflowCompleted,
    EventSent,
    EventRaised,
    ContinueAsNew,
    ExecutionSuspended,
    ExecutionResumed,
    ExecutionStalled,
}
