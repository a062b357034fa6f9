using LocalDapr.Protocol.TaskHub;

namespace Dapr.Workflow.Worker;

/// <summary>What a turn brings: everything that happened, from where on it is new to the code, and where the code had its say before.</summary>
internal sealed class Timeline
{
    private readonly IReadOnlyList<HistoryEvent> past;
    private readonly IReadOnlyList<HistoryEvent> fresh;
    private readonly HashSet<int> answered = [];

    public Timeline(string instanceId, IReadOnlyList<HistoryEvent> past, IReadOnlyList<HistoryEvent> fresh)
    {
        (this.past, this.fresh) = (past, fresh);
        var (begin, heldSince) = (0, -1);
        for (var i = 0; i < Count; i++)
        {
            var e = this[i];
            if (i > 0 && i <= past.Count && (i == past.Count || e.WorkflowStarted is not null))
            {
                // A turn that ended suspended has not been seen by the code yet, from its first event on.
                heldSince = !Suspended ? -1 : heldSince < 0 ? begin : heldSince;
                if (!Suspended && !IsDoubtful(begin, i))
                    answered.Add(i);
                Replayed = heldSince < 0 ? i : heldSince;
                begin = i;
            }
            if (e.ExecutionStarted is not null)
                Started = e;
            else if (e.ExecutionSuspended is not null)
                Suspended = true;
            else if (e.ExecutionResumed is not null)
                Suspended = false;
            else if (e.ExecutionTerminated is not null && i >= past.Count)
                Terminated = e.ExecutionTerminated;
        }
        // A rerun begins with a copy of another instance's history, in which a task stands only where its result came.
        if (Started?.ExecutionStarted.WorkflowInstance is { InstanceId: { Length: > 0 } source } && source != instanceId)
            answered.Clear();
    }

    public int Count => past.Count + fresh.Count;

    /// <summary>How many of the first events are replayed.</summary>
    public int Replayed { get; }

    /// <summary>The last start: earlier ones belong to earlier runs.</summary>
    public HistoryEvent? Started { get; }

    /// <summary>The workflow's name as an earlier turn recorded it, for histories without a start.</summary>
    public string? Name => past.Concat(fresh).Select(e => e.WorkflowStarted?.Version?.Name).LastOrDefault(n => !string.IsNullOrEmpty(n));

    public ExecutionTerminatedEvent? Terminated { get; }

    public bool Suspended { get; }

    public HistoryEvent this[int index] => index < past.Count ? past[index] : fresh[index - past.Count];

    /// <summary>The clock at the start of the code: that of the first turn.</summary>
    public DateTime Begin => (past.Count > 0 ? past[0] : fresh.LastOrDefault(e => e.WorkflowStarted is not null) ?? fresh[0]).Timestamp?.ToDateTime() ?? DateTime.UnixEpoch;

    public IEnumerable<string> PastPatches => past.Concat(fresh).SelectMany(e => e.WorkflowStarted?.Version?.Patches.AsEnumerable() ?? []);

    public int NextId => past.Count == 0 ? 0 : past.Max(e => e.EventId) + 1;

    /// <summary>Whether the code had been given all events before this one and its answer had been taken, so that the history holds whatever it asked for.</summary>
    public bool IsAnswered(int index) => answered.Contains(index);

    // After too many continuations in one turn a run begins with its first events in the past, and nobody has run its code yet; it looks like one whose
    // code wanted nothing at first. Only WorkflowStarted of a continued run has a router.
    private bool IsDoubtful(int begin, int end) => begin == 0 && past[0] is { WorkflowStarted: not null, Router: not null } && past.Take(end).All(e => Step.Of(e) is null);
}
