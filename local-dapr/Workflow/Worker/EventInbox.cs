using LocalDapr.Protocol.TaskHub;

namespace Dapr.Workflow.Worker;

/// <summary>Raised events that nobody has asked for, and waits that no event has met: first come, first served, by name without case.</summary>
internal sealed class EventInbox
{
    private readonly List<HistoryEvent> unread = [];
    private readonly List<(string Name, TaskCompletionSource<string?> Wait)> waits = [];

    public IEnumerable<HistoryEvent> Unread => unread;

    public void Deliver(HistoryEvent raised)
    {
        var index = waits.FindIndex(w => Same(w.Name, raised.EventRaised.Name));
        if (index < 0)
        {
            unread.Add(raised);
            return;
        }
        var wait = waits[index].Wait;
        waits.RemoveAt(index);
        wait.TrySetResult(raised.EventRaised.Input);
    }

    public TaskCompletionSource<string?> Wait(string name)
    {
        var wait = new TaskCompletionSource<string?>();
        var index = unread.FindIndex(e => Same(e.EventRaised.Name, name));
        if (index < 0)
        {
            waits.Add((name, wait));
            return wait;
        }
        var raised = unread[index].EventRaised;
        unread.RemoveAt(index);
        wait.SetResult(raised.Input);
        return wait;
    }

    /// <summary>A wait that ended otherwise takes no event any more.</summary>
    public void GiveUp(TaskCompletionSource<string?> wait)
    {
        waits.RemoveAll(w => w.Wait == wait);
        wait.TrySetCanceled();
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
