using Dapr.Workflow;

namespace Quayside.Workflows.OrderSaga;

/// <summary>
/// Activities that ask or tell only the order, before the saga holds anything: repeated from 1 s up to every 5 minutes for about eight hours. A saga
/// that then fails has a short history, and the sweep starts it again.
/// </summary>
internal static class Durably
{
    private static readonly WorkflowTaskOptions Patiently = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: 100, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(5)));

    public static Task<T> CallAsync<T>(WorkflowContext context, string activity, object input) => context.CallActivityAsync<T>(activity, input, Patiently);
}
