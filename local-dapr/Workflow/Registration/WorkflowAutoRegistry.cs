namespace Dapr.Workflow;

/// <summary>Registrations that assemblies make by themselves, in a module initializer. What an app registers explicitly goes before them.</summary>
public static class WorkflowAutoRegistry
{
    private static readonly Lock Gate = new();
    private static readonly List<Action<WorkflowRuntimeOptions>> Registrations = [];

    /// <summary>Counts for every later AddDaprWorkflow; the same delegate counts once.</summary>
    public static void Register(Action<WorkflowRuntimeOptions> registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        lock (Gate)
            if (!Registrations.Contains(registration))
                Registrations.Add(registration);
    }

    internal static void Apply(WorkflowRuntimeOptions options)
    {
        Action<WorkflowRuntimeOptions>[] all;
        lock (Gate)
            all = [.. Registrations];
        foreach (var registration in all)
            registration(options);
    }
}
