using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>One step of a workflow that touches the world. It may run more than once for one call.</summary>
public abstract class WorkflowActivity<TInput, TOutput> : IWorkflowActivity
{
    Type IWorkflowActivity.InputType => typeof(TInput);

    Type IWorkflowActivity.OutputType => typeof(TOutput);

    async Task<object?> IWorkflowActivity.RunAsync(WorkflowActivityContext context, object? input) => await RunAsync(context, (TInput)input!);

    public abstract Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input);
}
