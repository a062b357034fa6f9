namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>What one call changes: rows now, and what may be told to anybody only after the commit.</summary>
internal sealed class Change
{
    private readonly List<Action<WorkflowWriter>> writes = [];
    private readonly List<Action> after = [];
    private readonly List<Instance> touched = [];

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

    public void Run(WorkflowWriter writer)
    {
        foreach (var write in writes)
            write(writer);
    }

    public void Finish()
    {
        foreach (var instance in touched)
            instance.PendingWrites--;
        foreach (var action in after)
            action();
    }
}
