namespace Dapr.Workflow.Client;

/// <summary>Builds <see cref="StartWorkflowOptions"/>.</summary>
public sealed class StartWorkflowOptionsBuilder
{
    private string? instanceId;
    private DateTimeOffset? startAt;

    public static implicit operator StartWorkflowOptions(StartWorkflowOptionsBuilder builder) => builder.Build();

    public StartWorkflowOptionsBuilder WithInstanceId(string instanceId)
    {
        this.instanceId = instanceId;
        return this;
    }

    public StartWorkflowOptionsBuilder StartAt(DateTimeOffset startAt)
    {
        this.startAt = startAt;
        return this;
    }

    /// <summary>That long from now by this machine's clock.</summary>
    public StartWorkflowOptionsBuilder StartAfter(TimeSpan delay) => StartAt(DateTimeOffset.UtcNow.Add(delay));

    public StartWorkflowOptions Build() => new() { InstanceId = instanceId, StartAt = startAt };
}
