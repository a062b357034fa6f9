using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

internal sealed partial class WorkflowEngine
{
    /// <summary>Dapr 1.18: at most 21 runs in one turn, then a pause.</summary>
    private const int MaxRuns = 21;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public WorkerStream Enter(string app)
    {
        lock (gate)
        {
            var hub = Hub(app);
            foreach (var key in hub.Stalled)
            {
                if (instances.Find(key) is { } instance)
                    instance.Stalled = null;
                hub.ReadyInstances.Enqueue(key);
            }
            hub.Stalled.Clear();
            return hub.Enter();
        }
    }

    /// <summary>The stream is gone: what it had goes to the next one.</summary>
    public void Leave(WorkerStream stream)
    {
        lock (gate)
        {
            var hub = stream.Hub;
            hub.Leave(stream);
            stream.Waiting = null;
            foreach (var unit in stream.Held.ToArray())
            {
                hub.Release(unit);
                if (unit is Turn turn)
                    hub.ReadyTurns.Enqueue(turn);
                else if (unit is ActivityTask { IsAbandoned: false } task)
                    hub.ReadyTasks.AddFirst(task);
                else if (unit is ActivityTask abandoned)
                    hub.Remove(abandoned);
            }
            Pump(hub);
        }
    }

    /// <summary>Waits for the next item for this stream, which has it then until it is answered or the stream leaves.</summary>
    public async Task<WorkFrame> TakeAsync(WorkerStream stream, CancellationToken cancellation)
    {
        Task<WorkUnit> waiting;
        lock (gate)
        {
            stream.Waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting = stream.Waiting.Task;
            stream.Hub.Wait(stream);
            Pump(stream.Hub);
        }
        var unit = await waiting.WaitAsync(cancellation);
        lock (gate)
        {
            if (unit is Turn turn)
                turn.New = Restamped(turn.New);
            return WorkFrame.Of(unit);
        }
    }

    public int Workers(string app)
    {
        lock (gate)
            return Hub(app).Streams.Count;
    }

    public void Configure(string app, WorkLimits limits, RetentionPolicy retention)
    {
        lock (gate)
            (Hub(app).Limits, Hub(app).Retention) = (limits, retention);
    }

    /// <summary>An activity's answer. One for no activity that is out is dropped.</summary>
    public async Task CompleteActivityAsync(string app, ActivityResponse answer)
    {
        var change = new Change();
        lock (gate)
        {
            var hub = Hub(app);
            if (hub.Find(answer.InstanceId, answer.TaskId, answer.CompletionToken) is not { } task)
                return;
            hub.Remove(task);
            Pump(hub);
            change.Write(w => w.DeleteTask(task));
            // A result of a run before continue-as-new is dropped: daprd gives it to the new run, where its id may mean something else.
            if (!task.IsAbandoned && instances.Find(task.Key) is { IsFinished: false } instance && instance.Generation == task.Generation)
            {
                instance.Tasks.Remove(task.Id);
                AddToInbox(instance, Events.TaskEnded(Now(), answer, task.Order.Request.TaskExecutionId, task.Order.Router), change);
            }
            Commit(change);
        }
        await change.Done;
    }

    /// <summary>The answer to the turn of an instance that is out. Any other is dropped.</summary>
    public async Task CompleteTurnAsync(string app, WorkflowResponse answer)
    {
        var change = new Change();
        lock (gate)
        {
            if (instances.Peek(app, answer.InstanceId) is not { Turn: { } turn } instance || IsStale(answer.CompletionToken, turn))
                return;
            var hub = Hub(app);
            hub.Release(turn);
            var now = Now();
            switch (TurnRules.Apply(new(app, instance.Id, turn.Past, turn.New), answer, now, NewExecutionId))
            {
                case TurnOutcome.Continued next when turn.Continuations + 1 < MaxRuns:
                    turn.Continuations++;
                    turn.New = [.. next.NextRun];
                    hub.ReadyTurns.Enqueue(turn);
                    Pump(hub);
                    return;
                case TurnOutcome.Continued next:
                    turn.Continuations++;
                    instance.CustomStatus = next.CustomStatus;
                    Settle(instance, turn, next.NextRun, change);
                    AddToInbox(instance, null, change);
                    Delay(instance, now);
                    break;
                case TurnOutcome.Applied applied:
                    Apply(instance, turn, applied, now, change);
                    break;
                case TurnOutcome.Stalled stalled:
                    Stall(instance, stalled.Event, hub, change);
                    break;
                case TurnOutcome.Refused refused:
                    Log.TurnRefused(log, instance.Id, refused.Why);
                    instance.Turn = null;
                    Delay(instance, now);
                    return;
            }
            WriteRow(instance, change);
            Pump(hub);
            Commit(change);
        }
        await change.Done;
    }

    /// <summary>A token of ours that is not the turn's belongs to an earlier turn. Dapr 1.18 has no tokens, so any other text counts.</summary>
    private static bool IsStale(string token, Turn turn) => token.StartsWith("turn-", StringComparison.Ordinal) && token != turn.Token;

    private List<HistoryEvent> Restamped(List<HistoryEvent> events)
    {
        var started = events[0].Clone();
        started.Timestamp = Timestamp.FromDateTimeOffset(Now());
        return [started, .. events.Skip(1)];
    }

    private void Delay(Instance instance, DateTimeOffset now)
    {
        instance.NotBefore = now + Pause;
        due.Add(new(DueKind.Wake, instance.App, instance.Key), instance.NotBefore);
    }

    private void Apply(Instance instance, Turn turn, TurnOutcome.Applied applied, DateTimeOffset now, Change change)
    {
        instance.CustomStatus = applied.CustomStatus;
        Settle(instance, turn, applied.Events, change);
        foreach (var order in applied.Tasks)
            Schedule(instance, order, change);
        foreach (var child in applied.Children)
            StartChild(instance, child, now, change);
        if (applied.End is { } end)
        {
            End(instance, end, applied.EndChildren, now, change);
            return;
        }
        foreach (var timer in applied.Timers)
            AddTimer(instance, timer, change);
        foreach (var entry in instance.Inbox)
            TakeTimer(instance, entry, change);
        instance.Status = instance.History.IsSuspended ? OrchestrationStatus.Suspended : OrchestrationStatus.Running;
    }

    /// <summary>The turn joins the history, and what it consumed is gone.</summary>
    private void Settle(Instance instance, Turn turn, IReadOnlyList<HistoryEvent> events, Change change)
    {
        var key = instance.Key;
        instance.Turn = null;
        instance.IsCommitting = true;
        instance.Stalled = null;
        instance.Status = OrchestrationStatus.Running;
        change.Touch(instance);
        if (turn.Continuations > 0)
        {
            instance.Generation++;
            instance.History = new();
            instance.Timers.Clear();
            instance.Tasks.Clear();
            change.Write(w =>
            {
                w.DeleteHistory(key);
                w.DeleteTimers(key);
            });
        }
        var chunk = History.Encode(events);
        var number = instance.NextChunk++;
        instance.History.Append(chunk, events);
        var settled = instance.Inbox.FindAll(e => e.Seq <= turn.InboxTaken);
        instance.Inbox.RemoveRange(0, settled.Count);
        var fired = settled.Select(e => e.Event?.TimerFired?.TimerId).OfType<int>().ToArray();
        change.Write(w =>
        {
            w.AddHistory(key, number, chunk);
            w.DeleteInbox(key, turn.InboxTaken);
            foreach (var id in fired)
                w.DeleteTimer(key, id);
        });
        change.Settle(settled);
        change.Then(() =>
        {
            instance.IsCommitting = false;
            Signals.Raise(instance.App, instance.Id);
        });
    }

    /// <summary>An id that is out or has its result gets no second activity (Dapr 1.18).</summary>
    private void Schedule(Instance instance, TaskOrder order, Change change)
    {
        if (instance.History.HasEnded(order.Request.TaskId) || !instance.Tasks.Add(order.Request.TaskId))
            return;
        var task = new ActivityTask(instance.Key, instance.Generation, order);
        change.Write(w => w.AddTask(task));
        change.Then(() =>
        {
            var hub = Hub(order.App);
            hub.Add(task);
            Pump(hub);
        });
    }

    private void AddTimer(Instance instance, HistoryEvent created, Change change)
    {
        var timer = new WaitingTimer(created.EventId, created);
        instance.Timers.RemoveAll(t => t.Id == timer.Id);
        instance.Timers.Add(timer);
        var (generation, bytes) = (instance.Generation, Google.Protobuf.MessageExtensions.ToByteArray(created));
        change.Write(w => w.AddTimer(instance.Key, generation, timer.Id, timer.Due.UtcTicks, bytes));
        change.Then(() => due.Add(new(DueKind.Timer, instance.App, instance.Key), timer.Due));
    }

    private void StartChild(Instance parent, ChildOrder order, DateTimeOffset now, Change change)
    {
        if (instances.Find(order.App, order.InstanceId) is { } existing)
        {
            if (!existing.IsFinished)
            {
                AddToInbox(parent, Events.ChildRefused(now, order.ScheduledId, order.InstanceId), change);
                return;
            }
            Delete(existing, change);
        }
        Create(order.App, order.InstanceId, new(parent.Key, parent.App, parent.Id), null, order.Started, change);
    }

    private void End(Instance instance, ExecutionCompletedEvent end, ExecutionTerminatedEvent? endChildren, DateTimeOffset now, Change change)
    {
        instance.Status = end.WorkflowStatus;
        change.Settle(instance.Inbox);
        instance.Inbox.Clear();
        instance.Timers.Clear();
        change.Write(w => w.DeletePending(instance.Key));
        if (Hub(instance.App).Retention.For(end.WorkflowStatus) is { } keep)
        {
            var expires = now + keep;
            instance.Expires = expires;
            change.Then(() => due.Add(new(DueKind.Expire, instance.App, instance.Key), expires));
        }
        var started = instance.History.Started?.ExecutionStarted;
        if (instance.Parent is { } link && started?.ParentInstance is { } info && instances.Find(link.Key) is { IsFinished: false } parent
            && parent.History.Started?.ExecutionStarted.WorkflowInstance?.ExecutionId == info.WorkflowInstance?.ExecutionId)
        {
            AddToInbox(parent, Events.ChildEnded(now, info.TaskScheduledId, end, Events.Router(instance.App, link.App)), change);
        }
        foreach (var child in endChildren is null ? [] : instance.History.OpenChildren.ToArray())
        {
            if (instances.Find(child.App, child.InstanceId) is { IsFinished: false } open && open.Parent?.Key == instance.Key)
                AddToInbox(open, Events.Terminated(now, endChildren!.Input, recurse: true), change);
        }
    }

    private void Stall(Instance instance, HistoryEvent stalled, AppHub hub, Change change)
    {
        Log.Stalled(log, instance.Id, stalled.ExecutionStalled.Description);
        instance.Turn = null;
        instance.Stalled = stalled;
        instance.Status = OrchestrationStatus.Stalled;
        hub.Stalled.Add(instance.Key);
        change.Touch(instance);
        change.Settle(instance.Inbox);
        change.Then(() => Signals.Raise(instance.App, instance.Id));
    }
}
