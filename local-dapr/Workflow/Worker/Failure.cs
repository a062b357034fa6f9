using LocalDapr.Protocol.TaskHub;

namespace Dapr.Workflow.Worker;

internal static class Failure
{
    /// <summary>Type, message and stack; inner exceptions are not told.</summary>
    public static TaskFailureDetails Of(Exception e, bool nonRetriable) =>
        new() { ErrorType = e.GetType().FullName ?? "Exception", ErrorMessage = e.Message, StackTrace = e.StackTrace ?? "", IsNonRetriable = nonRetriable };
}
