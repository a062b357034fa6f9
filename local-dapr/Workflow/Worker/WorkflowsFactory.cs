using Dapr.Workflow.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Dapr.Workflow.Worker;

/// <summary>Makes instances with the services of a work item's own scope.</summary>
internal sealed class WorkflowsFactory : IWorkflowsFactory
{
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflow>> workflows = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Func<IServiceProvider, IWorkflowActivity>> activities = new(StringComparer.OrdinalIgnoreCase);

    public static WorkflowsFactory Of(WorkflowRuntimeOptions options)
    {
        var factory = new WorkflowsFactory();
        options.ApplyRegistrations(factory);
        return factory;
    }

    public void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow =>
        workflows.TryAdd(name ?? typeof(TWorkflow).Name, services => ActivatorUtilities.CreateInstance<TWorkflow>(services));

    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation) =>
        workflows.TryAdd(name, _ => new DelegateWorkflow<TInput, TOutput>(implementation));

    public void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity =>
        activities.TryAdd(name ?? typeof(TActivity).Name, services => ActivatorUtilities.CreateInstance<TActivity>(services));

    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation) =>
        activities.TryAdd(name, _ => new DelegateActivity<TInput, TOutput>(implementation));

    public bool TryCreateWorkflow(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflow? workflow, out Exception? activationException) =>
        TryCreate(workflows, identifier, serviceProvider, out workflow, out activationException);

    public bool TryCreateActivity(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflowActivity? activity, out Exception? activationException) =>
        TryCreate(activities, identifier, serviceProvider, out activity, out activationException);

    private static bool TryCreate<T>(Dictionary<string, Func<IServiceProvider, T>> registered, string name, IServiceProvider services, out T? created, out Exception? failure) where T : class
    {
        (created, failure) = (null, null);
        if (!registered.TryGetValue(name, out var create))
            return false;
        try
        {
            created = create(services);
            return true;
        }
        catch (Exception e)
        {
            failure = e;
            return false;
        }
    }
}
