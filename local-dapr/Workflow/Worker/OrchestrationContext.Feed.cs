using LocalDapr.Protocol.TaskHub;
using EventType = LocalDapr.Protocol.TaskHub.HistoryEvent.EventTypeOneofCase;

namespace Dapr.Workflow.Worker;

/// <summary>The other side of the context: what the history does to waiting code.</summary>
internal sealed partial class OrchestrationContext
{
    /// <summary>Where code and history part, if they do: the code changed under a running instance, or is not deterministic.</summary>
    public Divergence? Divergence { get; private set; }

    public void Feed(HistoryEvent e, bool isReplaying)
    {
        replaying = isReplaying;
        switch (e.EventTypeCase)
        {
            case EventType.WorkflowStarted:
                now = e.Timestamp?.ToDateTime() ?? now;
                break;
            case EventType.TaskScheduled or EventType.TimerCreated or EventType.ChildWorkflowInstanceCreated or EventType.EventSent:
                Match(e);
                break;
            case EventType.EventRaised:
                inbox.Deliver(e);
                break;
            default:
                if (TaskId(e) is { } id)
                    Resolve(id, e);
                break;
        }
    }

    /// <summary>Here an earlier turn had been answered, so whatever the code wants by now has to be in the history before this point.</summary>
    public void EndTurn(Task run)
    {
        if (actions.Count > 0)
            Divergence ??= new("nothing", Step.Of(actions.MinBy(a => a.Key).Value).ToString());
        else if (run.IsCompleted)
            Divergence ??= new("nothing", run.Exception?.InnerException is { } e ? $"end of the workflow by {e.GetType().FullName}: {e.Message}" : "end of the workflow");
    }

    private void Match(HistoryEvent e)
    {
        var recorded = Step.Of(e)!;
        var done = actions.Remove(e.EventId, out var action) ? Step.Of(action) : null;
        if (done is null || !recorded.Fits(done))
            Divergence ??= new(recorded.ToString(), done?.ToString() ?? "nothing");
        // In a rerun the ids of executions are those of the instance that the history was copied from.
        if (e.TaskScheduled?.TaskExecutionId is { Length: > 0 } executionId && open.TryGetValue(e.EventId, out var task))
            task.ExecutionId = executionId;
    }

    private static int? TaskId(HistoryEvent e) => e.EventTypeCase switch
    {
        EventType.TaskCompleted => e.TaskCompleted.TaskScheduledId,
        EventType.TaskFailed => e.TaskFailed.TaskScheduledId,
        EventType.TimerFired => e.TimerFired.TimerId,
        EventType.ChildWorkflowInstanceCompleted => e.ChildWorkflowInstanceCompleted.TaskScheduledId,
        EventType.ChildWorkflowInstanceFailed => e.ChildWorkflowInstanceFailed.TaskScheduledId,
        _ => null,
    };

    private OpenTask Begin(WorkflowAction action, string? executionId, string failure, bool withError = true)
    {
        var task = new OpenTask(action.WorkflowActionTypeCase, failure, withError) { ExecutionId = executionId };
        actions.Add(action.Id, action);
        if (early.Remove(action.Id, out var e) && task.Accepts(e))
            task.Complete(e);
        else
            open.Add(action.Id, task);
        return task;
    }

    private void Resolve(int id, HistoryEvent e)
    {
        if (!open.TryGetValue(id, out var task))
            early.TryAdd(id, e);
        else if (task.Accepts(e))
        {
            open.Remove(id);
            task.Complete(e);
        }
    }

    /// <summary>A task that the code may wait for. Its continuations run where it is completed, on the turn's thread.</summary>
    private sealed class OpenTask(WorkflowAction.WorkflowActionTypeOneofCase kind, string failure, bool withError)
    {
        public TaskCompletionSource<string?> Source { get; } = new();

        public string? ExecutionId { get; set; }

        // The result of an activity of an earlier run may arrive after continue-as-new, under an id that is in use again, for whatever it is.
        public bool Accepts(HistoryEvent e) => e.EventTypeCase switch
        {
            EventType.TaskCompleted => IsActivity(e.TaskCompleted.TaskExecutionId),
            EventType.TaskFailed => IsActivity(e.TaskFailed.TaskExecutionId),
            EventType.TimerFired => kind == WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer,
            _ => kind == WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow,
        };

        public void Complete(HistoryEvent e)
        {
            if ((e.TaskFailed?.FailureDetails ?? e.ChildWorkflowInstanceFailed?.FailureDetails) is { } details)
                Source.TrySetException(new WorkflowTaskFailedException(withError ? failure + details.ErrorMessage : failure,
                    new(details.ErrorType, details.ErrorMessage, details.StackTrace)));
            else
                Source.TrySetResult(e.TaskCompleted?.Result ?? e.ChildWorkflowInstanceCompleted?.Result);
        }

        private bool IsActivity(string executionId) => kind == WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask
            && (string.IsNullOrEmpty(ExecutionId) || executionId.Length == 0 || executionId == ExecutionId);
    }
}
