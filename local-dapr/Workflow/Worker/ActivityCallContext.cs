using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow.Worker;

internal sealed class ActivityCallContext(string name, string instanceId, string taskExecutionKey) : WorkflowActivityContext
{
    public override TaskIdentifier Identifier => name;

    public override string TaskExecutionKey => taskExecutionKey;

    public override string InstanceId => instanceId;
}
