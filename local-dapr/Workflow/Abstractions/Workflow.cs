namespace Dapr.Workflow;

/// <summary>
/// Code that is run again from its start in every turn, so it must be deterministic: time, ids and everything outside come from its context.
/// Await only tasks of the context.
/// </summary>
public abstract class Workflow<TInput, TOutput> : IWorkflow
{
    Type IWorkflow.InputType => typeof(TInput);

    Type IWorkflow.OutputType => typeof(TOutput);

    async Task<object?> IWorkflow.RunAsync(WorkflowContext context, object? input) => await RunAsync(context, (TInput)input!);

    public abstract Task<TOutput> RunAsync(WorkflowContext context, TInput input);
}
