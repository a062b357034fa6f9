using Dapr.Workflow;

namespace Quayside.Workflows;

/// <summary>
/// Activities that hold nothing which somebody must give back: repeated from 1 s up to every 5 minutes for about eight hours. A workflow that then fails
/// has a short history, and whoever started it starts it again.
/// </summary>
internal static class Patiently
{
    private const int Tries = 100;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private static readonly WorkflowTaskOptions Options = new(new WorkflowRetryPolicy(
        maxNumberOfAttempts: Tries, firstRetryInterval: FirstPause, backoffCoefficient: 2, maxRetryInterval: LongestPause));

    public static Task<T> CallAsync<T>(WorkflowContext context, string activity, object? input) => context.CallActivityAsync<T>(activity, input, Options);

    /// <summary>Repeats only what <paramref name="mayPass"/>: a retry policy repeats every failure.</summary>
    public static async Task<T> CallAsync<T>(WorkflowContext context, string activity, object? input, Func<WorkflowTaskFailureDetails, bool> mayPass)
    {
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await context.CallActivityAsync<T>(activity, input);
            }
            catch (WorkflowTaskFailedException failure) when (tries < Tries && mayPass(failure.FailureDetails))
            {
                await context.CreateTimer(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
