using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow.Worker;

/// <summary>Where a worker gets its workflows and activities from, by name without case; the first registration of a name stays.</summary>
public interface IWorkflowsFactory
{
    void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow;

    void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation);

    void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity;

    void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation);

    /// <summary>False without an exception: the name is not registered; with one: the constructor or its services failed.</summary>
    bool TryCreateWorkflow(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflow? workflow, out Exception? activationException);

    /// <inheritdoc cref="TryCreateWorkflow"/>
    bool TryCreateActivity(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflowActivity? activity, out Exception? activationException);
}
