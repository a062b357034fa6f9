using Dapr.Workflow.Abstractions;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Dapr.Workflow;

/// <summary>The workflows and activities of a worker. Names are compared without case; the first registration of a name stays.</summary>
public sealed class WorkflowRuntimeOptions
{
    internal Dictionary<string, Func<IServiceProvider, IWorkflow>> Workflows { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal Dictionary<string, Func<IServiceProvider, IWorkflowActivity>> Activities { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>By default under the class's short name.</summary>
    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow =>
        Workflows.TryAdd(name ?? typeof(TWorkflow).Name, services => ActivatorUtilities.CreateInstance<TWorkflow>(services));

    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(implementation);
        Workflows.TryAdd(name, _ => new DelegateWorkflow<TInput, TOutput>(implementation));
    }

    /// <summary>By default under the class's short name.</summary>
    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        Activities.TryAdd(name ?? typeof(TActivity).Name, services => ActivatorUtilities.CreateInstance<TActivity>(services));

    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(implementation);
        Activities.TryAdd(name, _ => new DelegateActivity<TInput, TOutput>(implementation));
    }
}
