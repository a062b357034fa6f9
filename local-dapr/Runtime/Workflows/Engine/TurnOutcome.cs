using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>What a worker's answer means. One of four: <see cref="Applied"/>, <see cref="Continued"/>, <see cref="Stalled"/>, <see cref="Refused"/>.</summary>
internal abstract record TurnOutcome
{
    /// <summary>The turn's events join the history, and the effects happen.</summary>
    public sealed record Applied(
        IReadOnlyList<HistoryEvent> Events,
        IReadOnlyList<TaskOrder> Tasks,
        IReadOnlyList<HistoryEvent> Timers,
        IReadOnlyList<ChildOrder> Children,
        ExecutionCompletedEvent? End,
        ExecutionTerminatedEvent? EndChildren,
        string? CustomStatus) : TurnOutcome;

    /// <summary>The workflow goes on as a new run that begins with these events; nothing else of the answer counts.</summary>
    public sealed record Continued(IReadOnlyList<HistoryEvent> NextRun, string? CustomStatus) : TurnOutcome;

    /// <summary>The worker cannot go on with this history: the instance waits for another worker.</summary>
    public sealed record Stalled(HistoryEvent Event) : TurnOutcome;

    /// <summary>The answer holds an action that the engine does not do: the turn is run again.</summary>
    public sealed record Refused(string Why) : TurnOutcome;
}

/// <summary>An activity to run: by <paramref name="App"/>'s workers.</summary>
internal sealed record TaskOrder(string App, ActivityRequest Request, TaskRouter Router);

/// <summary>A child to start under <paramref name="App"/>, with the ExecutionStarted event that it begins with.</summary>
internal sealed record ChildOrder(string App, string InstanceId, int ScheduledId, HistoryEvent Started);
