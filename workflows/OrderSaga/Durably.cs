using Dapr.Workflow;

namespace Quayside.Workflows.OrderSaga;

/// <summary>Activities that ask or tell only the order: they are repeated until it answers, from 1 s up to every 5 minutes.</summary>
internal static class Durably
{
    private static readonly WorkflowTaskOptions Forever = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: int.MaxValue, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(5)));

    public static Task<T> CallAsync<T>(WorkflowContext context, string activity, object input) => context.CallActivityAsync<T>(activity, input, Forever);
}
