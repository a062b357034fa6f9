using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>Which call of which workflow an activity runs for.</summary>
public abstract class WorkflowActivityContext
{
    public abstract TaskIdentifier Identifier { get; }

    /// <summary>The same for every run of one call: a key for idempotency.</summary>
    public abstract string TaskExecutionKey { get; }

    public abstract string InstanceId { get; }
}
