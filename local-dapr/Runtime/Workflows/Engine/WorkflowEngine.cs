using System.Globalization;
using Google.Protobuf;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Storage;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>
/// The workflow engine: all instances of all apps of one database. One lock guards what is in memory; each call changes it, queues its rows in the
/// same order for the one writer, and tells nobody (workers, waiting clients) before they are committed. So the database is always a
/// prefix of the memory, and after a crash it is what everybody has been told.
/// </summary>
internal sealed partial class WorkflowEngine : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Database database;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly InstanceCache instances;
    private readonly DueQueue due;
    private readonly Dictionary<string, AppHub> hubs = new(StringComparer.Ordinal);
    private readonly string epoch = Guid.NewGuid().ToString("N")[..8];
    private WorkflowWriter? writer;
    private WriteChain chain = new();
    private DateTimeOffset lastNow;
    private long lastKey;
    private long lastTurn;
    private bool disposed;

    public WorkflowEngine(Database database, TimeProvider time, ILogger log)
    {
        this.database = database;
        this.time = time;
        this.log = log;
        instances = new(database, Now);
        due = new(time, OnDue);
        lock (gate)
            Load();
    }

    public Signals Signals { get; } = new();

    public async ValueTask DisposeAsync()
    {
        lock (gate)
            disposed = true;
        due.Dispose();
        await database.DisposeAsync();
    }

    private static string NewExecutionId() => Guid.NewGuid().ToString();

    /// <summary>The time, later with each call: the turns of a workflow see a clock that only rises.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return lastNow = now > lastNow ? now : lastNow.AddTicks(1);
    }

    private AppHub Hub(string app)
    {
        if (!hubs.TryGetValue(app, out var hub))
            hubs[app] = hub = new(app);
        return hub;
    }

    /// <summary>Queues the change; call it within the lock, so that rows are written in the order in which the memory changed.</summary>
    private Task Commit(Change change) => change.Done = CommitAsync(change, chain);

    private async Task CommitAsync(Change change, WriteChain memory)
    {
        try
        {
            await database.WriteAsync(connection => change.Run(writer ??= new((DatabaseConnection)connection)), memory);
        }
        catch (Exception failure) when (failure is not ObjectDisposedException)
        {
            Log.CommitFailed(log, failure);
            change.Release();
            Recover(memory);
            throw new WorkflowException(WorkflowFailure.Unavailable, "the workflow engine could not write: " + failure.Message, failure);
        }
        lock (gate)
        {
            // Another change was refused since, and this one has already been read back from the disk.
            if (memory != chain)
            {
                change.Release();
                return;
            }
            change.Finish();
            foreach (var instance in change.Touched)
            {
                Ready(instance);
                instances.Settle(instance);
            }
        }
    }

    /// <summary>The disk refused rows that the memory already has, and will refuse all behind them: forget the memory and go on from the disk, as after a crash.</summary>
    private void Recover(WriteChain refused)
    {
        lock (gate)
        {
            if (refused != chain)
                return;
            chain = new();
            foreach (var entry in instances.All.SelectMany(i => i.Inbox))
                entry.Settled.TrySetResult();
            instances.Clear();
            foreach (var hub in hubs.Values)
                hub.Clear();
            due.Clear();
            Load();
            foreach (var hub in hubs.Values)
                Pump(hub);
            Signals.RaiseAll();
        }
    }

    /// <summary>Takes up all that was pending: turns, activities, timers.</summary>
    private void Load() => database.Read(c =>
    {
        lastKey = Math.Max(lastKey, c.LastKey());
        var now = Now();
        foreach (var (key, app, startAt, stalled) in c.WithInbox())
        {
            if (stalled)
                Hub(app).Stalled.Add(key);
            else if (Times.FromTicks(startAt) is { } start && start > now)
                due.Add(new(DueKind.Start, app, key), start);
            else
                Hub(app).ReadyInstances.Enqueue(key);
        }
        foreach (var task in c.AllTasks())
            Hub(task.Order.App).Add(task);
        foreach (var (key, app, at) in c.AllTimers())
            due.Add(new(DueKind.Timer, app, key), Times.FromTicks(at)!.Value);
        foreach (var (key, app, at) in c.AllExpiring())
            due.Add(new(DueKind.Expire, app, key), Times.FromTicks(at)!.Value);
        return true;
    });

    /// <summary>Gives the instance's next turn to a worker, if there is one to give.</summary>
    private void Ready(Instance instance)
    {
        if (!instance.IsReady(Now()))
            return;
        var hub = Hub(instance.App);
        hub.ReadyInstances.Enqueue(instance.Key);
        Pump(hub);
    }

    private void Pump(AppHub hub)
    {
        if (hub.Streams.Count > 0)
            hub.Pump(NextTurn);
    }

    private Turn? NextTurn(AppHub hub)
    {
        while (hub.ReadyTurns.TryDequeue(out var again))
        {
            if (again.Instance.Turn == again && again.Holder is null)
                return again;
        }
        while (hub.ReadyInstances.TryDequeue(out var key))
        {
            if (instances.Find(key) is not { } instance)
                continue;
            var now = Now();
            if (!instance.IsReady(now))
            {
                instances.Settle(instance);
                continue;
            }
            List<HistoryEvent> events = [Events.WorkflowStarted(now), .. instance.Inbox.Select(e => e.Event).OfType<HistoryEvent>()];
            var token = string.Create(CultureInfo.InvariantCulture, $"turn-{epoch}-{++lastTurn}");
            return instance.Turn = new Turn(instance, events, instance.Inbox[^1].Seq, token);
        }
        return null;
    }

    /// <summary>Adds an event to the inbox; <paramref name="change"/> makes it durable.</summary>
    private static InboxEntry AddToInbox(Instance instance, HistoryEvent? e, Change change)
    {
        var entry = new InboxEntry(instance.NextSeq++, e);
        instance.Inbox.Add(entry);
        var bytes = e?.ToByteArray() ?? [];
        change.Touch(instance).Write(w => w.AddInbox(instance.Key, entry.Seq, bytes));
        TakeTimer(instance, entry, change);
        return entry;
    }

    /// <summary>An external event takes the oldest timer of a wait for it along: the wait is over (Dapr 1.18).</summary>
    private static void TakeTimer(Instance instance, InboxEntry entry, Change change)
    {
        if (entry.HasTakenTimer || entry.Event?.EventRaised is not { } raised)
            return;
        if (instance.Timers.Find(t => string.Equals(t.EventName, raised.Name, StringComparison.OrdinalIgnoreCase)) is not { } timer)
            return;
        entry.HasTakenTimer = true;
        instance.Timers.Remove(timer);
        change.Write(w => w.DeleteTimer(instance.Key, timer.Id));
    }

    private static void WriteRow(Instance instance, Change change)
    {
        var started = instance.History.Started;
        var row = new InstanceUpdate(
            instance.Key,
            instance.Generation,
            instance.Status,
            started?.ExecutionStarted.Name,
            started is null ? null : Times.Of(started.Timestamp),
            instance.History.FirstTurn,
            instance.History.Count == 0 ? null : instance.History.LastChange,
            instance.CustomStatus,
            instance.Expires,
            instance.Stalled?.ToByteArray());
        change.Write(w => w.UpdateInstance(row));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A change of workflows could not be written; going on from what is on disk.")]
        public static partial void CommitFailed(ILogger logger, Exception failure);

        [LoggerMessage(LogLevel.Warning, "The turn of workflow {InstanceId} is run again in a second: {Why}.")]
        public static partial void TurnRefused(ILogger logger, string instanceId, string why);

        [LoggerMessage(LogLevel.Warning, "Workflow {InstanceId} is stalled until another worker connects: {Why}")]
        public static partial void Stalled(ILogger logger, string instanceId, string? why);

        [LoggerMessage(LogLevel.Error, "What was due could not be done.")]
        public static partial void DueFailed(ILogger logger, Exception failure);
    }
}
