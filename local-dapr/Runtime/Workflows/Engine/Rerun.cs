using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>What a rerun begins with: the copied history, whose last events are those that are run again.</summary>
internal sealed record Rerun(IReadOnlyList<HistoryEvent> History, IReadOnlyList<HistoryEvent> Again)
{
    /// <summary>
    /// Copies the history up to the event with the id. What had been scheduled and not ended by then is run again as well. As in Dapr 1.18 a scheduling
    /// stands right before its result.
    /// </summary>
    public static Rerun From(string source, IReadOnlyList<HistoryEvent> events, int eventId, string? input, bool overwriteInput, DateTimeOffset now)
    {
        var open = new List<HistoryEvent>();
        var copy = new List<HistoryEvent>();
        foreach (var e in events)
        {
            if (IsScheduling(e))
            {
                open.Add(e);
                if (e.EventId == eventId)
                    return Finish(source, copy, open, eventId, input, overwriteInput, now);
            }
            else if (e.ExecutionCompleted is null && e.ExecutionStalled is null)
            {
                if (ResultOf(e) is { } id && open.Find(o => o.EventId == id) is { } scheduled)
                {
                    open.Remove(scheduled);
                    copy.Add(scheduled);
                }
                copy.Add(e);
            }
        }
        throw new WorkflowException(WorkflowFailure.NoSuchEvent, $"does not have history event with ID '{eventId}'");
    }

    private static Rerun Finish(string source, List<HistoryEvent> copy, List<HistoryEvent> open, int eventId, string? input, bool overwriteInput, DateTimeOffset now)
    {
        var again = new List<HistoryEvent>();
        foreach (var one in open)
        {
            var e = one.Clone();
            var origin = new RerunParentInstanceInfo { InstanceID = source };
            if (e.TaskScheduled is { } task)
            {
                task.RerunParentInstanceInfo = origin;
                task.Input = overwriteInput && e.EventId == eventId ? input : task.Input;
            }
            else if (e.ChildWorkflowInstanceCreated is { } child)
            {
                child.RerunParentInstanceInfo = origin;
                child.Input = overwriteInput && e.EventId == eventId ? input : child.Input;
            }
            else if (e.TimerCreated is { } timer)
            {
                if (overwriteInput && e.EventId == eventId)
                    throw new WorkflowException(WorkflowFailure.Invalid, $"event '{eventId}' is a timer and has no input to overwrite");
                timer.RerunParentInstanceInfo = origin;
                var wait = Times.Of(timer.FireAt) - Times.Of(e.Timestamp);
                if (Times.Of(timer.FireAt) != DateTimeOffset.MaxValue)
                    timer.FireAt = Timestamp.FromDateTimeOffset(now + wait);
            }
            again.Add(e);
        }
        return new([.. copy, .. again], again);
    }

    private static bool IsScheduling(HistoryEvent e) =>
        e.TaskScheduled is not null || e.TimerCreated is not null || e.ChildWorkflowInstanceCreated is not null;

    private static int? ResultOf(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => e.TaskCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TaskFailed => e.TaskFailed.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.TimerFired => e.TimerFired.TimerId,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => e.ChildWorkflowInstanceCompleted.TaskScheduledId,
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => e.ChildWorkflowInstanceFailed.TaskScheduledId,
        _ => null,
    };
}
