using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>An event that an instance has not worked on.</summary>
/// <param name="Seq">Order of arrival.</param>
/// <param name="Event">Null for a mere wake-up.</param>
internal sealed record InboxEntry(long Seq, HistoryEvent? Event)
{
    /// <summary>An EventRaised that already took the timer of a wait with it.</summary>
    public bool HasTakenTimer { get; set; }

    /// <summary>Completes when a turn with this event is committed, or never will be.</summary>
    public TaskCompletionSource Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A timer that has not fired, in the order of creation.</summary>
internal sealed record WaitingTimer(int Id, HistoryEvent Event)
{
    public DateTimeOffset Due { get; } = Times.Of(Event.TimerCreated.FireAt);

    /// <summary>The name of the external event whose arrival makes this timer needless. A named timer without origin counts as one (Dapr 1.18).</summary>
    public string? EventName => Event.TimerCreated switch
    {
        { OriginCase: TimerCreatedEvent.OriginOneofCase.ExternalEvent } timer => timer.ExternalEvent.Name,
        { OriginCase: TimerCreatedEvent.OriginOneofCase.None, HasName: true } timer => timer.Name,
        _ => null,
    };
}

/// <summary>One life of an instance id, as the engine works on it: the key is never used again.</summary>
internal sealed class Instance(long key, string app, string id)
{
    public long Key { get; } = key;

    public string App { get; } = app;

    public string Id { get; } = id;

    /// <summary>Rises with each continue-as-new that is committed.</summary>
    public long Generation { get; set; }

    public History History { get; set; } = new();

    public long NextChunk { get; set; }

    public List<InboxEntry> Inbox { get; } = [];

    public long NextSeq { get; set; }

    public List<WaitingTimer> Timers { get; } = [];

    /// <summary>The activities of this run that have not been answered.</summary>
    public HashSet<int> Tasks { get; } = [];

    public OrchestrationStatus Status { get; set; } = OrchestrationStatus.Pending;

    public string? CustomStatus { get; set; }

    public HistoryEvent? Stalled { get; set; }

    public DateTimeOffset? StartAt { get; set; }

    public DateTimeOffset? Expires { get; set; }

    public ParentRef? Parent { get; set; }

    /// <summary>The turn that is out, or waits for a worker.</summary>
    public Turn? Turn { get; set; }

    /// <summary>The answer of a turn is on its way to the disk.</summary>
    public bool IsCommitting { get; set; }

    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Changes on their way to the disk; an instance is only dropped from memory without any.</summary>
    public int PendingWrites { get; set; }

    public LinkedListNode<Instance>? Recency { get; set; }

    /// <summary>What the cache counts for it, in bytes.</summary>
    public long Cost { get; set; }

    public bool IsGone { get; set; }

    public bool IsFinished => Statuses.IsFinished(Status);

    public bool IsIdle => Turn is null && !IsCommitting && PendingWrites == 0 && Inbox.Count == 0;

    /// <summary>Moves the timers that are due to the inbox. Their rows go with the turn that takes the events: a crash before that fires them again.</summary>
    public void FireDue(Func<DateTimeOffset> now)
    {
        var at = now();
        foreach (var timer in Timers.FindAll(t => t.Due <= at).OrderBy(t => t.Due))
        {
            Timers.Remove(timer);
            Inbox.Add(new(NextSeq++, Events.TimerFired(now(), timer.Event.TimerCreated.FireAt, timer.Id)));
        }
    }

    public bool IsReady(DateTimeOffset now) =>
        !IsGone && Turn is null && !IsCommitting && Inbox.Count > 0 && !IsFinished && Stalled is null && NotBefore <= now
        && !(Inbox.Count == 1 && History.Count == 0 && StartAt > now);
}

/// <summary>Who waits for the end of a child.</summary>
internal sealed record ParentRef(long Key, string App, string InstanceId);

internal static class Statuses
{
    public static bool IsFinished(OrchestrationStatus status) =>
        status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Canceled or OrchestrationStatus.Terminated;
}
