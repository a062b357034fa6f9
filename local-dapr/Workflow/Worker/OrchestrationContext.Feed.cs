using LocalDapr.Protocol.TaskHub;
using EventType = LocalDapr.Protocol.TaskHub.HistoryEvent.EventTypeOneofCase;

namespace Dapr.Workflow.Worker;

/// <summary>The other side of the context: what the history does to waiting code.</summary>
internal sealed partial class OrchestrationContext
{
    /// <summary>Events that had no task waiting for them, for the log: a sign of code that changed under a running instance.</summary>
    public int Unmatched { get; private set; }

    public void Feed(HistoryEvent e, bool isReplaying)
    {
        replaying = isReplaying;
        switch (e.EventTypeCase)
        {
            case EventType.WorkflowStarted:
                now = e.Timestamp?.ToDateTime() ?? now;
                break;
            case EventType.TaskScheduled or EventType.TimerCreated or EventType.ChildWorkflowInstanceCreated or EventType.EventSent:
                if (!actions.Remove(e.EventId))
                    Unmatched++;
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
        var task = new OpenTask(new(), executionId, failure, withError);
        actions.Add(action.Id, action);
        if (early.Remove(action.Id, out var e))
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
    private sealed record OpenTask(TaskCompletionSource<string?> Source, string? ExecutionId, string Failure, bool WithError)
    {
        // The result of an activity of an earlier run may arrive after continue-as-new, under an id that is in use again.
        public bool Accepts(HistoryEvent e) =>
            string.IsNullOrEmpty(ExecutionId) || (e.TaskCompleted?.TaskExecutionId ?? e.TaskFailed?.TaskExecutionId) is not { Length: > 0 } told || told == ExecutionId;

        public void Complete(HistoryEvent e)
        {
            if ((e.TaskFailed?.FailureDetails ?? e.ChildWorkflowInstanceFailed?.FailureDetails) is { } failure)
                Source.TrySetException(new WorkflowTaskFailedException(WithError ? Failure + failure.ErrorMessage : Failure,
                    new(failure.ErrorType, failure.ErrorMessage, failure.StackTrace)));
            else
                Source.TrySetResult(e.TaskCompleted?.Result ?? e.ChildWorkflowInstanceCompleted?.Result);
        }
    }
}
