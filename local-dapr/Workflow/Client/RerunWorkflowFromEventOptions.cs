namespace Dapr.Workflow.Client;

/// <summary>How a finished instance is to be run again from one of its events.</summary>
public sealed class RerunWorkflowFromEventOptions
{
    public string? NewInstanceId { get; set; }

    public object? Input { get; set; }

    /// <summary>Whether <see cref="Input"/> replaces the input that the event had.</summary>
    public bool OverwriteInput { get; set; }
}
