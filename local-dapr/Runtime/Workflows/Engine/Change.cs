namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>What one call changes: rows now, and what may be told to anybody only after the commit.</summary>
internal sealed class Change
{
    private readonly List<Action<WorkflowWriter>> writes = [];
    private readonly List<Action> after = [];
    private readonly List<Instance> touched = [];
    private readonly List<InboxEntry> settled = [];

    /// <summary>Completes after the commit and its <see cref="Then"/>.</summary>
    public Task Done { get; set; } = Task.CompletedTask;

    public IReadOnlyList<Instance> Touched => touched;

    public Change Touch(Instance instance)
    {
        instance.PendingWrites++;
        touched.Add(instance);
        return this;
    }

    public void Write(Action<WorkflowWriter> write) => writes.Add(write);

    public void Then(Action action) => after.Add(action);

    /// <summary>Nobody waits for these any longer once the change is written, or never will be.</summary>
    public void Settle(IEnumerable<InboxEntry> entries) => settled.AddRange(entries);

    public void Release()
    {
        foreach (var entry in settled)
            entry.Settled.TrySetResult();
    }

    public void Run(WorkflowWriter writer)
    {
        foreach (var write in writes)
            write(writer);
    }

    public void Finish()
    {
        foreach (var instance in touched)
            instance.PendingWrites--;
        Release();
        foreach (var action in after)
            action();
    }
}
