using LocalDapr.Protocol.TaskHub;

namespace Dapr.Workflow.Worker;

/// <summary>What a turn brings: everything that happened, and from where on it is new to the code.</summary>
internal sealed class Timeline
{
    private readonly IReadOnlyList<HistoryEvent> past;
    private readonly IReadOnlyList<HistoryEvent> fresh;

    public Timeline(IReadOnlyList<HistoryEvent> past, IReadOnlyList<HistoryEvent> fresh)
    {
        (this.past, this.fresh) = (past, fresh);
        var heldSince = -1;
        for (var i = 0; i < past.Count + fresh.Count; i++)
        {
            var e = this[i];
            if (i == past.Count)
                // What came while the instance was suspended has not been seen by the code yet.
                Replayed = heldSince >= 0 ? heldSince : past.Count;
            if (e.ExecutionStarted is not null)
                Started = e;
            else if (e.ExecutionSuspended is not null)
                heldSince = heldSince >= 0 ? heldSince : i;
            else if (e.ExecutionResumed is not null)
                heldSince = -1;
            else if (e.ExecutionTerminated is not null && i >= past.Count)
                Terminated = e.ExecutionTerminated;
        }
        Suspended = heldSince >= 0;
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
}
