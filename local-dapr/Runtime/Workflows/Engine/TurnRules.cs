using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>The turn that is answered.</summary>
/// <param name="App">App id that hosts the instance.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="Past">History of this run before the turn; empty after continue-as-new.</param>
/// <param name="New">The events that the worker was sent as new, WorkflowStarted first.</param>
internal sealed record TurnInput(string App, string InstanceId, History Past, IReadOnlyList<HistoryEvent> New);

/// <summary>Decides what a worker's answer does (Dapr 1.18). Pure: the same input gives the same outcome.</summary>
internal static class TurnRules
{
    public static TurnOutcome Apply(TurnInput turn, WorkflowResponse answer, DateTimeOffset now, Func<string> newId)
    {
        var terminated = turn.New.FirstOrDefault(e => e.ExecutionTerminated is not null)?.ExecutionTerminated;
        if (answer.Actions.Any(a => a.WorkflowVersionNotAvailable is not null))
            return new TurnOutcome.Stalled(Events.Stalled(now, StalledReason.VersionNotAvailable, "Version not available: "));
        if (FindMismatch(turn.Past.Patches, answer, terminated is not null) is { } mismatch)
            return new TurnOutcome.Stalled(Events.Stalled(now, StalledReason.PatchMismatch, mismatch));
        var effects = new Effects(turn, Stamp(turn, answer), now);
        foreach (var action in answer.Actions)
        {
            switch (action.WorkflowActionTypeCase)
            {
                case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                    effects.Schedule(action);
                    break;
                case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                    effects.CreateTimer(action);
                    break;
                case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                    effects.CreateChild(action, newId);
                    break;
                case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow when action.CompleteWorkflow.WorkflowStatus == OrchestrationStatus.ContinuedAsNew:
                    if (terminated is null && !effects.IsEnded)
                        return new TurnOutcome.Continued(NextRun(turn, action.CompleteWorkflow, now, newId), Text(answer.CustomStatus));
                    break;
                case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow:
                    effects.Complete(action);
                    break;
                case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                case WorkflowAction.WorkflowActionTypeOneofCase.TerminateWorkflow:
                    return new TurnOutcome.Refused($"the action {action.WorkflowActionTypeCase} is not supported by Dapr: raise events and terminate through the client");
            }
        }
        if (terminated is not null && !effects.IsEnded)
            effects.End(Events.NoId, new() { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated.Input });
        return effects.ToOutcome(terminated is { Recurse: true } ? terminated : null, Text(answer.CustomStatus));
    }

    /// <summary>
    /// The patches of the history must come first, in order, in those of the answer. An answer without a version does not count when the worker did
    /// not run the workflow: suspended, or terminated.
    /// </summary>
    private static string? FindMismatch(IReadOnlyList<string> history, WorkflowResponse answer, bool terminated)
    {
        if (history.Count == 0 || (answer.Version is null && (terminated || answer.Actions.Count == 0)))
            return null;
        var current = answer.Version?.Patches ?? [];
        return current.Count >= history.Count && current.Take(history.Count).SequenceEqual(history)
            ? null
            : $"Patch mismatch. History patches: [{string.Join(", ", history)}], current patches: [{string.Join(", ", current)}]. ";
    }

    /// <summary>The new events as they go into history: WorkflowStarted tells what this turn found out about the workflow's version.</summary>
    private static IReadOnlyList<HistoryEvent> Stamp(TurnInput turn, WorkflowResponse answer)
    {
        if (answer.Version is not { } version)
            return turn.New;
        var stamp = new WorkflowVersion();
        stamp.Patches.AddRange(version.Patches.Skip(turn.Past.Patches.Count));
        if (version.HasName && version.Name != turn.Past.VersionName)
            stamp.Name = version.Name;
        if (stamp.Patches.Count == 0 && !stamp.HasName)
            return turn.New;
        var started = turn.New[0].Clone();
        started.WorkflowStarted.Version = stamp;
        return [started, .. turn.New.Skip(1)];
    }

    private static List<HistoryEvent> NextRun(TurnInput turn, CompleteWorkflowAction action, DateTimeOffset now, Func<string> newId)
    {
        var started = (turn.New.FirstOrDefault(e => e.ExecutionStarted is not null) ?? turn.Past.Started!).Clone();
        started.Timestamp = Timestamp.FromDateTimeOffset(now);
        started.Router = Events.Router(turn.App);
        started.ExecutionStarted.Input = action.Result;
        started.ExecutionStarted.ScheduledStartTimestamp = null;
        started.ExecutionStarted.WorkflowInstance = new() { InstanceId = turn.InstanceId, ExecutionId = newId() };
        return [Events.WorkflowStarted(now, turn.App), started, .. action.CarryoverEvents];
    }

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private sealed class Effects(TurnInput turn, IReadOnlyList<HistoryEvent> news, DateTimeOffset now)
    {
        private readonly List<HistoryEvent> events = [.. news];
        private readonly List<TaskOrder> tasks = [];
        private readonly List<HistoryEvent> timers = [];
        private readonly List<ChildOrder> children = [];
        private ExecutionCompletedEvent? end;

        public bool IsEnded => end is not null;

        private HistoryEvent Started => turn.New.FirstOrDefault(e => e.ExecutionStarted is not null) ?? turn.Past.Started!;

        public void Schedule(WorkflowAction action)
        {
            var task = action.ScheduleTask;
            var trace = Trace();
            var e = Event(action, task.Router);
            e.TaskScheduled = new() { Name = task.Name, Version = task.Version, Input = task.Input, TaskExecutionId = task.TaskExecutionId, ParentTraceContext = trace };
            events.Add(e);
            tasks.Add(new(Target(e.Router), new ActivityRequest
            {
                Name = task.Name,
                Version = task.Version,
                Input = task.Input,
                WorkflowInstance = new() { InstanceId = turn.InstanceId },
                TaskId = action.Id,
                TaskExecutionId = task.TaskExecutionId,
                ParentTraceContext = trace,
            }, e.Router));
        }

        public void CreateTimer(WorkflowAction action)
        {
            var timer = action.CreateTimer;
            var e = Event(action, null);
            e.TimerCreated = new() { FireAt = timer.FireAt };
            if (timer.HasName)
                e.TimerCreated.Name = timer.Name;
            switch (timer.OriginCase)
            {
                case CreateTimerAction.OriginOneofCase.CreateTimer:
                    e.TimerCreated.CreateTimer = timer.CreateTimer;
                    break;
                case CreateTimerAction.OriginOneofCase.ExternalEvent:
                    e.TimerCreated.ExternalEvent = timer.ExternalEvent;
                    break;
                case CreateTimerAction.OriginOneofCase.ActivityRetry:
                    e.TimerCreated.ActivityRetry = timer.ActivityRetry;
                    break;
                case CreateTimerAction.OriginOneofCase.ChildWorkflowRetry:
                    e.TimerCreated.ChildWorkflowRetry = timer.ChildWorkflowRetry;
                    break;
            }
            events.Add(e);
            timers.Add(e);
        }

        public void CreateChild(WorkflowAction action, Func<string> newId)
        {
            var order = action.CreateChildWorkflow;
            var id = order.InstanceId.Length > 0 ? order.InstanceId : string.Create(CultureInfo.InvariantCulture, $"{turn.InstanceId}:{action.Id:x4}");
            var e = Event(action, order.Router);
            e.ChildWorkflowInstanceCreated = new() { InstanceId = id, Name = order.Name, Version = order.Version, Input = order.Input, ParentTraceContext = Trace() };
            events.Add(e);
            var app = Target(e.Router);
            var started = Events.New(now);
            started.Router = Events.Router(app);
            started.ExecutionStarted = new()
            {
                Name = order.Name,
                Version = order.Version,
                Input = order.Input,
                WorkflowInstance = new() { InstanceId = id, ExecutionId = newId() },
                ParentInstance = new()
                {
                    TaskScheduledId = action.Id,
                    Name = Started.ExecutionStarted.Name,
                    WorkflowInstance = new() { InstanceId = turn.InstanceId, ExecutionId = Started.ExecutionStarted.WorkflowInstance?.ExecutionId },
                    AppID = turn.App,
                },
                ParentTraceContext = Trace(),
            };
            if (started.ExecutionStarted.ParentTraceContext is not null)
                started.ExecutionStarted.WorkflowSpanID = Spans.NewId();
            children.Add(new(app, id, action.Id, started));
        }

        public void Complete(WorkflowAction action)
        {
            if (IsEnded)
                return;
            var complete = action.CompleteWorkflow;
            End(action.Id, new() { WorkflowStatus = complete.WorkflowStatus, Result = complete.Result, FailureDetails = complete.FailureDetails });
        }

        public void End(int id, ExecutionCompletedEvent completed)
        {
            end = completed;
            events.Add(Events.Completed(now, id, completed, turn.App));
        }

        public TurnOutcome.Applied ToOutcome(ExecutionTerminatedEvent? endChildren, string? customStatus) =>
            new(events, tasks, IsEnded ? [] : timers, children, end, IsEnded ? endChildren : null, customStatus);

        private HistoryEvent Event(WorkflowAction action, TaskRouter? inner)
        {
            var e = Events.New(now);
            e.EventId = action.Id;
            var router = action.Router ?? inner;
            e.Router = Events.Router(turn.App, router?.HasTargetAppID == true ? router.TargetAppID : null);
            return e;
        }

        private string Target(TaskRouter router) => router.HasTargetAppID ? router.TargetAppID : turn.App;

        private TraceContext? Trace() => Spans.Below(Started.ExecutionStarted);
    }
}
