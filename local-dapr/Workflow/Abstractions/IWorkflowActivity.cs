namespace Dapr.Workflow.Abstractions;

/// <summary>An activity as the worker runs it; derive from <see cref="WorkflowActivity{TInput, TOutput}"/>.</summary>
public interface IWorkflowActivity
{
    Type InputType { get; }

    Type OutputType { get; }

    Task<object?> RunAsync(WorkflowActivityContext context, object? input);
}
