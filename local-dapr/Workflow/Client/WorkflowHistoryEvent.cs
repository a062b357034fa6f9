namespace Dapr.Workflow.Client;

/// <summary>One event of an instance's history; its id is that of the action that made it, or -1.</summary>
public sealed record WorkflowHistoryEvent(int EventId, WorkflowHistoryEventType EventType, DateTime Timestamp);
