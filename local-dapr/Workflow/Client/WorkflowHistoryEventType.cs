namespace Dapr.Workflow.Client;

/// <summary>The kinds of history events, under the names that the official SDK kept from before "workflow" took the place of "orchestration".</summary>
public enum WorkflowHistoryEventType
{
    Unknown,
    ExecutionStarted,
    ExecutionCompleted,
    ExecutionTerminated,
    TaskScheduled,
    TaskCompleted,
    TaskFailed,
    SubOrchestrationInstanceCreated,
    SubOrchestrationInstanceCompleted,
    SubOrchestrationInstanceFailed,
    TimerCreated,
    TimerFired,
    OrchestratorStarted,
    OrchestratorCompleted,
    EventSent,
    EventRaised,
    GenericEvent,
    HistoryState,
    ContinueAsNew,
    ExecutionSuspended,
    ExecutionResumed,
    ExecutionStalled,
    DetachedWorkflowInstanceCreated,
}
