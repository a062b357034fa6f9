using LocalDapr.Protocol.TaskHub;

namespace Dapr.Workflow.Worker;

/// <summary>What a history event and the action that made it have in common: what was asked for under an id. Inputs, ids of children and times do not count.</summary>
internal sealed record Step(int Id, string Kind, string Name)
{
    public static Step? Of(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskScheduled => new(e.EventId, "activity", e.TaskScheduled.Name),
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated => new(e.EventId, "child workflow", e.ChildWorkflowInstanceCreated.Name),
        HistoryEvent.EventTypeOneofCase.EventSent => new(e.EventId, "event for another instance", e.EventSent.Name),
        HistoryEvent.EventTypeOneofCase.TimerCreated => new(e.EventId, "timer", e.TimerCreated.OriginCase switch
        {
            TimerCreatedEvent.OriginOneofCase.CreateTimer => "delay",
            TimerCreatedEvent.OriginOneofCase.ExternalEvent => $"wait for {e.TimerCreated.ExternalEvent.Name}",
            TimerCreatedEvent.OriginOneofCase.ActivityRetry => "retry of an activity",
            TimerCreatedEvent.OriginOneofCase.ChildWorkflowRetry => "retry of a child workflow",
            _ => "",
        }),
        _ => null,
    };

    public static Step Of(WorkflowAction action) => action.WorkflowActionTypeCase switch
    {
        WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask => new(action.Id, "activity", action.ScheduleTask.Name),
        WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow => new(action.Id, "child workflow", action.CreateChildWorkflow.Name),
        WorkflowAction.WorkflowActionTypeOneofCase.SendEvent => new(action.Id, "event for another instance", action.SendEvent.Name),
        WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer => new(action.Id, "timer", action.CreateTimer.OriginCase switch
        {
            CreateTimerAction.OriginOneofCase.ExternalEvent => $"wait for {action.CreateTimer.ExternalEvent.Name}",
            CreateTimerAction.OriginOneofCase.ActivityRetry => "retry of an activity",
            CreateTimerAction.OriginOneofCase.ChildWorkflowRetry => "retry of a child workflow",
            _ => "delay",
        }),
        _ => new(action.Id, "end of the run", "continue as new"),
    };

    /// <summary>Names are compared without case, as registrations are; a timer that does not tell what it is for is any timer.</summary>
    public bool Fits(Step other) => Kind == other.Kind && (Name.Length == 0 || Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => Name.Length == 0 ? $"{Kind} (id {Id})" : $"{Kind} '{Name}' (id {Id})";
}
