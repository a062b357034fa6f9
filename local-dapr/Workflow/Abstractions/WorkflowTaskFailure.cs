namespace Dapr.Workflow;

/// <summary>What an activity or child workflow failed with.</summary>
public class WorkflowTaskFailureDetails(string errorType, string errorMessage, string? stackTrace = null)
{
    /// <summary>The full name of the exception's type.</summary>
    public string ErrorType { get; } = errorType;

    public string ErrorMessage { get; } = errorMessage;

    public string? StackTrace { get; } = stackTrace;

    /// <summary>Only types of the core library are found by their name: compare <see cref="ErrorType"/> for your own.</summary>
    public bool IsCausedBy<T>() where T : Exception => Type.GetType(ErrorType, throwOnError: false) is { } type && typeof(T).IsAssignableFrom(type);
}

/// <summary>An activity or child workflow failed.</summary>
public class WorkflowTaskFailedException(string message, WorkflowTaskFailureDetails failureDetails) : Exception(message)
{
    public WorkflowTaskFailureDetails FailureDetails { get; } = failureDetails ?? throw new ArgumentNullException(nameof(failureDetails));
}
