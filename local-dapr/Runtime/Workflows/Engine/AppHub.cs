namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>How much of an app's work may be out at once (Configuration <c>spec.workflow</c>); null is no limit.</summary>
internal sealed record WorkLimits(int? Turns, int? Activities)
{
    public static readonly WorkLimits None = new(null, null);
}

/// <summary>One open GetWorkItems call.</summary>
internal sealed class WorkerStream(AppHub hub)
{
    public AppHub Hub { get; } = hub;

    public HashSet<WorkUnit> Held { get; } = [];

    public TaskCompletionSource<WorkUnit>? Waiting { get; set; }
}

/// <summary>The work of one app id and the workers that take it. The engine's lock guards it.</summary>
internal sealed class AppHub(string app)
{
    private readonly Dictionary<(string InstanceId, int TaskId), List<ActivityTask>> tasks = [];
    private readonly Queue<WorkerStream> waiting = new();
    private bool turnsFirst;

    public string App { get; } = app;

    public WorkLimits Limits { get; set; } = WorkLimits.None;

    public RetentionPolicy Retention { get; set; } = RetentionPolicy.KeepAll;

    public HashSet<WorkerStream> Streams { get; } = [];

    /// <summary>Completes when the last worker has left; there is a new one as soon as a worker comes.</summary>
    public TaskCompletionSource Deserted { get; private set; } = Completed();

    public Queue<long> ReadyInstances { get; } = new();

    /// <summary>Turns to be delivered before any other: again, or continued as new.</summary>
    public Queue<Turn> ReadyTurns { get; } = new();

    public LinkedList<ActivityTask> ReadyTasks { get; } = new();

    /// <summary>Instances that wait for another worker.</summary>
    public HashSet<long> Stalled { get; } = [];

    public int TurnsOut { get; set; }

    public int TasksOut { get; set; }

    /// <summary>True once a worker has sent back a token of ours: then answers can be told apart without waiting for each other.</summary>
    public bool EchoesTokens { get; set; }

    public WorkerStream Enter()
    {
        var stream = new WorkerStream(this);
        if (Streams.Count == 0)
            Deserted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Streams.Add(stream);
        return stream;
    }

    public void Leave(WorkerStream stream)
    {
        Streams.Remove(stream);
        if (Streams.Count == 0)
            Deserted.TrySetResult();
    }

    public void Wait(WorkerStream stream) => waiting.Enqueue(stream);

    /// <summary>Gives work to the streams that wait, in turn; <paramref name="nextTurn"/> makes one of what is ready.</summary>
    public void Pump(Func<AppHub, Turn?> nextTurn)
    {
        while (NextStream() is { } stream)
        {
            if (NextUnit(nextTurn) is not { } unit)
                return;
            waiting.Dequeue();
            unit.Holder = stream;
            stream.Held.Add(unit);
            if (unit is Turn)
                TurnsOut++;
            else
                TasksOut++;
            stream.Waiting!.SetResult(unit);
            stream.Waiting = null;
        }
    }

    /// <summary>The unit is not out any more: answered, or its stream is gone.</summary>
    public void Release(WorkUnit unit)
    {
        if (unit.Holder is not { } holder)
            return;
        unit.Holder = null;
        holder.Held.Remove(unit);
        if (unit is Turn)
            TurnsOut--;
        else
            TasksOut--;
    }

    public void Add(ActivityTask task)
    {
        var address = (task.InstanceId, task.Id);
        if (!tasks.TryGetValue(address, out var same))
            tasks[address] = same = new(1);
        same.Add(task);
        ReadyTasks.AddLast(task);
    }

    /// <summary>
    /// The task that an answer is for. Without a token it is the oldest of that address that is or was out; the others are held back. An answer to a
    /// delivery of the process before this one may belong to an earlier life of the id: it counts by its token only.
    /// </summary>
    public ActivityTask? Find(string instanceId, int taskId, string token)
    {
        if (!tasks.TryGetValue((instanceId, taskId), out var same))
            return null;
        if (!token.StartsWith("task-", StringComparison.Ordinal))
            return same.Find(t => t.WasOut);
        EchoesTokens = true;
        return same.Find(t => t.Token == token);
    }

    public void Remove(ActivityTask task)
    {
        // A task that was handed out is in no queue, and the queue may be long.
        if (task.Holder is null)
            ReadyTasks.Remove(task);
        Release(task);
        var address = (task.InstanceId, task.Id);
        if (tasks.TryGetValue(address, out var same) && same.Remove(task) && same.Count == 0)
            tasks.Remove(address);
    }

    /// <summary>The instance is gone: what has not been handed out is dropped.</summary>
    public void Abandon(long key)
    {
        foreach (var task in tasks.Values.SelectMany(t => t).Where(t => t.Key == key).ToArray())
        {
            task.IsAbandoned = true;
            if (task.Holder is null)
                Remove(task);
        }
    }

    public void Clear()
    {
        foreach (var stream in Streams)
            stream.Held.Clear();
        tasks.Clear();
        ReadyInstances.Clear();
        ReadyTurns.Clear();
        ReadyTasks.Clear();
        Stalled.Clear();
        TurnsOut = TasksOut = 0;
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private WorkerStream? NextStream()
    {
        while (waiting.TryPeek(out var stream))
        {
            if (stream.Waiting is not null && Streams.Contains(stream))
                return stream;
            waiting.Dequeue();
        }
        return null;
    }

    private WorkUnit? NextUnit(Func<AppHub, Turn?> nextTurn)
    {
        turnsFirst = !turnsFirst;
        return turnsFirst ? (WorkUnit?)NextTurn(nextTurn) ?? NextTask() : (WorkUnit?)NextTask() ?? NextTurn(nextTurn);
    }

    private Turn? NextTurn(Func<AppHub, Turn?> nextTurn) => TurnsOut >= Limits.Turns ? null : nextTurn(this);

    private ActivityTask? NextTask()
    {
        if (TasksOut >= Limits.Activities)
            return null;
        for (var node = ReadyTasks.First; node is not null; node = node.Next)
        {
            if (!EchoesTokens && tasks[(node.Value.InstanceId, node.Value.Id)][0] != node.Value)
                continue;
            ReadyTasks.Remove(node);
            return node.Value;
        }
        return null;
    }
}
