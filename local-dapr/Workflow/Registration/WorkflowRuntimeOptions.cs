using System.Reflection;
using Dapr.Workflow.Abstractions;
using Dapr.Workflow.Worker;

namespace Dapr.Workflow;

/// <summary>The workflows and activities of a worker. Names are compared without case; the first registration of a name stays.</summary>
public sealed class WorkflowRuntimeOptions
{
    private const string Limits = "The official SDK ignores this property and will remove it: limit the work with the options of the Dapr runtime. This worker keeps to it.";

    private readonly List<Action<IWorkflowsFactory>> registrations = [];

    /// <summary>How many turns of workflows run at once; at least 1.</summary>
    [Obsolete(Limits)]
    public int MaxConcurrentWorkflows
    {
        get => TurnLimit;
        set => TurnLimit = AtLeastOne(value);
    }

    /// <summary>How many activities run at once; at least 1.</summary>
    [Obsolete(Limits)]
    public int MaxConcurrentActivities
    {
        get => ActivityLimit;
        set => ActivityLimit = AtLeastOne(value);
    }

    internal int TurnLimit { get; private set; } = 100;

    internal int ActivityLimit { get; private set; } = 100;

    /// <summary>By default under the class's short name.</summary>
    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow =>
        registrations.Add(factory => factory.RegisterWorkflow<TWorkflow>(name));

    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        registrations.Add(factory => factory.RegisterWorkflow(name, implementation));
    }

    /// <summary>By default under the class's short name.</summary>
    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        registrations.Add(factory => factory.RegisterActivity<TActivity>(name));

    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        registrations.Add(factory => factory.RegisterActivity(name, implementation));
    }

    /// <summary>Makes all registrations with <paramref name="factory"/>, in the order in which they were made here.</summary>
    public void ApplyRegistrations(IWorkflowsFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        foreach (var register in registrations)
            register(factory);
    }

    internal void RegisterAll(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }))
            if (Derives(type, typeof(Workflow<,>)))
                Register(nameof(RegisterWorkflow), type);
            else if (Derives(type, typeof(WorkflowActivity<,>)))
                Register(nameof(RegisterActivity), type);
    }

    private static bool Derives(Type? type, Type definition) =>
        type is not null && ((type.IsGenericType && type.GetGenericTypeDefinition() == definition) || Derives(type.BaseType, definition));

    private static int AtLeastOne(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        return value;
    }

    private void Register(string method, Type type) =>
        typeof(WorkflowRuntimeOptions).GetMethod(method, 1, [typeof(string)])!.MakeGenericMethod(type).Invoke(this, [null]);
}
