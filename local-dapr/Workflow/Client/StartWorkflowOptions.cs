namespace Dapr.Workflow.Client;

/// <summary>How an instance is to be started. No method of the client takes it, here as in the official SDK.</summary>
public sealed class StartWorkflowOptions
{
    /// <summary>A new GUID by default.</summary>
    public string? InstanceId { get; set; }

    /// <summary>At once by default.</summary>
    public DateTimeOffset? StartAt { get; set; }
}
