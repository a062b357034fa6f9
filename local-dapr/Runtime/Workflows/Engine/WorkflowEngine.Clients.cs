using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>A new instance.</summary>
/// <param name="Input">Null is absent, "" is there.</param>
/// <param name="StartAt">Not before this time, unless an event comes first.</param>
internal sealed record StartOrder(string App, string InstanceId, string Name, string? Input, Timestamp? StartAt = null, TraceContext? Trace = null);

internal sealed partial class WorkflowEngine
{
    /// <summary>
    /// Starts an instance; a finished one of that id gives way. With <paramref name="wait"/> it returns after the first turn, if there is a worker to
    /// run it, else as soon as the start is durable.
    /// </summary>
    public async Task StartAsync(StartOrder order, bool wait, CancellationToken cancellation)
    {
        var change = new Change();
        InboxEntry entry;
        AppHub hub;
        lock (gate)
        {
            if (instances.Find(order.App, order.InstanceId) is { } existing)
            {
                if (!existing.IsFinished)
                    throw AlreadyExists(order.InstanceId);
                Delete(existing, change);
            }
            var now = Now();
            var started = Events.New(now);
            started.Router = Events.Router(order.App);
            started.ExecutionStarted = new()
            {
                Name = order.Name,
                Input = order.Input,
                WorkflowInstance = new() { InstanceId = order.InstanceId, ExecutionId = NewExecutionId() },
                ScheduledStartTimestamp = order.StartAt,
            };
            if (order.Trace is { } trace && Spans.IsTraceParent(trace.TraceParent))
            {
                started.ExecutionStarted.ParentTraceContext = trace;
                started.ExecutionStarted.WorkflowSpanID = Spans.NewId();
            }
            entry = Create(order.App, order.InstanceId, null, order.StartAt is null ? null : Times.Of(order.StartAt), started, change);
            hub = Hub(order.App);
            Commit(change);
        }
        await change.Done;
        if (wait && order.StartAt is null)
            await SettledAsync(entry, hub, cancellation);
    }

    public async Task RaiseEventAsync(string app, string id, string name, string? input)
    {
        if (Add(app, id, now => Events.EventRaised(now, name, input)) is var (_, change))
            await change.Done;
    }

    /// <summary>With <paramref name="wait"/> it returns when the workflow has worked on it, if there is a worker, else when it is durable.</summary>
    public Task TerminateAsync(string app, string id, string? output, bool recurse, bool wait, CancellationToken cancellation) =>
        ControlAsync(app, id, now => Events.Terminated(now, output, recurse), wait, cancellation);

    /// <inheritdoc cref="TerminateAsync"/>
    public Task SuspendAsync(string app, string id, string? reason, bool wait, CancellationToken cancellation) =>
        ControlAsync(app, id, now => Events.Suspended(now, reason), wait, cancellation);

    /// <inheritdoc cref="TerminateAsync"/>
    public Task ResumeAsync(string app, string id, string? reason, bool wait, CancellationToken cancellation) =>
        ControlAsync(app, id, now => Events.Resumed(now, reason), wait, cancellation);

    /// <summary>Deletes a finished instance (with <paramref name="force"/> any), and its children; returns how many.</summary>
    public async Task<int> PurgeAsync(string app, string id, bool recursive, bool force)
    {
        var change = new Change();
        List<Instance> gone = [];
        lock (gate)
        {
            Collect(instances.Find(app, id) ?? throw WorkflowException.NotFound(), "", recursive, force, gone);
            foreach (var instance in gone)
                Delete(instance, change);
            Commit(change);
        }
        await change.Done;
        return gone.Count;
    }

    /// <summary>Deletes the finished instances (with <paramref name="force"/> any) that were created in the span and have one of the statuses.</summary>
    public async Task<int> PurgeAsync(string app, PurgeInstanceFilter filter, bool recursive, bool force)
    {
        var from = filter.CreatedTimeFrom is { } f ? Times.Of(f).UtcTicks : 0;
        var to = filter.CreatedTimeTo is { } t ? Times.Of(t).UtcTicks : long.MaxValue;
        var count = 0;
        foreach (var row in database.Read(c => c.Created(app, from, to)))
        {
            if ((filter.RuntimeStatus.Count > 0 && !filter.RuntimeStatus.Contains(row.Status)) || (!force && !Statuses.IsFinished(row.Status)))
                continue;
            try
            {
                count += await PurgeAsync(app, row.Id, recursive, force);
            }
            catch (WorkflowException refused) when (refused.Failure is WorkflowFailure.NotFound or WorkflowFailure.NotCompleted)
            {
                // Purged with its parent, or its child still runs.
            }
        }
        return count;
    }

    private static WorkflowException AlreadyExists(string id) => new(WorkflowFailure.AlreadyExists, $"an active workflow with ID '{id}' already exists");

    private static Task<Task> SettledAsync(InboxEntry entry, AppHub hub, CancellationToken cancellation) =>
        Task.WhenAny(entry.Settled.Task, hub.Deserted.Task).WaitAsync(cancellation);

    private async Task ControlAsync(string app, string id, Func<DateTimeOffset, HistoryEvent> make, bool wait, CancellationToken cancellation)
    {
        if (Add(app, id, make) is not var (entry, change))
            return;
        await change.Done;
        AppHub hub;
        lock (gate)
            hub = Hub(app);
        if (wait)
            await SettledAsync(entry, hub, cancellation);
    }

    /// <summary>Null when the instance is finished: then nothing happens.</summary>
    private (InboxEntry Entry, Change Change)? Add(string app, string id, Func<DateTimeOffset, HistoryEvent> make)
    {
        lock (gate)
        {
            var instance = instances.Find(app, id) ?? throw WorkflowException.NotFound();
            if (instance.IsFinished)
                return null;
            if (instance.Stalled is not null)
                throw new WorkflowException(WorkflowFailure.Stalled, $"failed to invoke method for workflow '{id}': actor is stalled");
            var change = new Change();
            var entry = AddToInbox(instance, make(Now()), change);
            Commit(change);
            return (entry, change);
        }
    }

    private InboxEntry Create(string app, string id, ParentRef? parent, DateTimeOffset? startAt, HistoryEvent started, Change change)
    {
        var instance = new Instance(++lastKey, app, id) { Parent = parent, StartAt = startAt };
        instances.Add(instance);
        change.Write(w => w.InsertInstance(instance));
        var entry = AddToInbox(instance, started, change);
        if (startAt > time.GetUtcNow())
            change.Then(() => due.Add(new(DueKind.Start, app, instance.Key), startAt.Value));
        change.Then(() => Signals.Raise(app, id));
        return entry;
    }

    private void Collect(Instance instance, string whose, bool recursive, bool force, List<Instance> gone)
    {
        if (!instance.IsFinished && !force)
            throw new WorkflowException(WorkflowFailure.NotCompleted, $"failed to purge {whose}workflow: orchestration has not yet completed");
        gone.Add(instance);
        if (!recursive)
            return;
        foreach (var row in database.Read(c => c.Children(instance.Key)))
        {
            if (instances.Find(row.Key) is { IsGone: false } child)
                Collect(child, "child ", recursive, force, gone);
        }
    }

    private void Delete(Instance instance, Change change)
    {
        var hub = Hub(instance.App);
        instance.IsGone = true;
        if (instance.Turn is { } turn)
        {
            hub.Release(turn);
            instance.Turn = null;
        }
        hub.Stalled.Remove(instance.Key);
        foreach (var any in hubs.Values)
            any.Abandon(instance.Key);
        change.Touch(instance).Write(w => w.DeleteInstance(instance.Key));
        change.Settle(instance.Inbox);
        change.Then(() =>
        {
            Signals.Raise(instance.App, instance.Id);
            Pump(hub);
        });
    }
}
