namespace LocalDapr.Runtime.Workflows.Engine;

internal enum WorkflowFailure
{
    NotFound,
    AlreadyExists,
    NotCompleted,
    Stalled,
    NoSuchEvent,
    Invalid,
    Unavailable,
}

/// <summary>A call that the engine refuses.</summary>
internal sealed class WorkflowException(WorkflowFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public WorkflowFailure Failure { get; } = failure;

    public static WorkflowException NotFound() => new(WorkflowFailure.NotFound, "no such instance exists");
}
