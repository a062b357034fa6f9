namespace Dapr.Workflow;

/// <summary>How much of its history a workflow passes on to what it calls. Only <see cref="None"/> is served here.</summary>
public enum HistoryPropagationScope
{
    None,
    OwnHistory,
    Lineage,
}

/// <summary>The history of a caller; there is never one here.</summary>
public sealed class PropagatedHistory
{
    internal PropagatedHistory()
    {
    }
}
