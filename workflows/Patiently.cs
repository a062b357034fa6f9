using Dapr.Workflow;

namespace Quayside.Workflows;

/// <summary>
/// Activities that hold nothing which somebody must give back: repeated from 1 s up to every 5 minutes for about eight hours. A workflow that then fails
/// has a short history, and whoever started it starts it again.
/// </summary>
internal static class Patiently
{
    private static readonly WorkflowTaskOptions Options = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: 100, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(5)));

    public static Task<T> CallAsync<T>(WorkflowContext context, string activity, object? input) => context.CallActivityAsync<T>(activity, input, Options);
}
