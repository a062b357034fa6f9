namespace Dapr.Workflow;

/// <summary>A workflow as the worker runs it; derive from <see cref="Workflow{TInput, TOutput}"/>.</summary>
public interface IWorkflow
{
    Type InputType { get; }

    Type OutputType { get; }

    Task<object?> RunAsync(WorkflowContext context, object? input);
}
