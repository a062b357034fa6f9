namespace Dapr.Workflow.Client;

/// <summary>Some instance ids, and where the next ones begin: null at the end.</summary>
public sealed record WorkflowInstancePage(IReadOnlyList<string> InstanceIds, string? ContinuationToken);
