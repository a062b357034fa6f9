using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>The history events that the engine makes. An event that no action made has the id -1 (Dapr 1.18).</summary>
internal static class Events
{
    public const int NoId = -1;

    public static HistoryEvent New(DateTimeOffset at) => new() { EventId = NoId, Timestamp = Timestamp.FromDateTimeOffset(at) };

    public static HistoryEvent WorkflowStarted(DateTimeOffset at, string? continuedApp = null) => With(New(at), e =>
    {
        e.WorkflowStarted = new();
        e.Router = continuedApp is null ? null : Router(continuedApp);
    });

    public static HistoryEvent EventRaised(DateTimeOffset at, string name, string? input) => With(New(at), e => e.EventRaised = new() { Name = name, Input = input });

    public static HistoryEvent TimerFired(DateTimeOffset at, Timestamp fireAt, int id) => With(New(at), e => e.TimerFired = new() { FireAt = fireAt, TimerId = id });

    public static HistoryEvent Suspended(DateTimeOffset at, string? reason) => With(New(at), e => e.ExecutionSuspended = new() { Input = NullIfEmpty(reason) });

    public static HistoryEvent Resumed(DateTimeOffset at, string? reason) => With(New(at), e => e.ExecutionResumed = new() { Input = NullIfEmpty(reason) });

    public static HistoryEvent Terminated(DateTimeOffset at, string? output, bool recurse) => With(New(at), e => e.ExecutionTerminated = new() { Input = output, Recurse = recurse });

    public static HistoryEvent Stalled(DateTimeOffset at, StalledReason reason, string description) =>
        With(New(at), e => e.ExecutionStalled = new() { Reason = reason, Description = description });

    /// <summary>What an activity's answer becomes: a failure wins over a result.</summary>
    public static HistoryEvent TaskEnded(DateTimeOffset at, ActivityResponse answer, string executionId, TaskRouter router) => With(New(at), e =>
    {
        e.Router = router;
        if (answer.FailureDetails is { } failure)
            e.TaskFailed = new() { TaskScheduledId = answer.TaskId, FailureDetails = failure, TaskExecutionId = executionId };
        else
            e.TaskCompleted = new() { TaskScheduledId = answer.TaskId, Result = answer.Result, TaskExecutionId = executionId };
    });

    /// <summary>What the end of a child is to its parent.</summary>
    public static HistoryEvent ChildEnded(DateTimeOffset at, int scheduledId, ExecutionCompletedEvent end, TaskRouter router) => With(New(at), e =>
    {
        e.Router = router;
        if (end.WorkflowStatus == OrchestrationStatus.Completed)
            e.ChildWorkflowInstanceCompleted = new() { TaskScheduledId = scheduledId, Result = end.Result };
        else
            e.ChildWorkflowInstanceFailed = new() { TaskScheduledId = scheduledId, FailureDetails = end.FailureDetails ?? EndedAs(end.WorkflowStatus) };
    });

    public static HistoryEvent ChildRefused(DateTimeOffset at, int scheduledId, string instanceId) => With(New(at), e => e.ChildWorkflowInstanceFailed = new()
    {
        TaskScheduledId = scheduledId,
        FailureDetails = new() { ErrorType = "WorkflowInstanceAlreadyExists", ErrorMessage = $"an active workflow with ID '{instanceId}' already exists" },
    });

    public static HistoryEvent Completed(DateTimeOffset at, int id, ExecutionCompletedEvent end, string app) => With(New(at), e =>
    {
        e.EventId = id;
        e.ExecutionCompleted = end;
        e.Router = Router(app);
    });

    public static TaskRouter Router(string app, string? target = null)
    {
        var router = new TaskRouter { SourceAppID = app };
        if (!string.IsNullOrEmpty(target))
            router.TargetAppID = target;
        return router;
    }

    private static TaskFailureDetails EndedAs(OrchestrationStatus status) =>
        new() { ErrorType = status.ToString(), ErrorMessage = $"the child workflow ended as {status}" };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static HistoryEvent With(HistoryEvent e, Action<HistoryEvent> set)
    {
        set(e);
        return e;
    }
}
