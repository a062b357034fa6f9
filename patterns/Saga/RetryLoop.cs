using Dapr.Workflow;

namespace Quayside.Saga;

/// <summary>Tries an activity until it answers. Replays alike: it knows no clock but the workflow's.</summary>
public static class RetryLoop
{
    /// <param name="context">Of the running workflow.</param>
    /// <param name="plan">When to try again and when to give up.</param>
    /// <param name="act">Gets the number of the attempt, from 1.</param>
    /// <param name="pause">Waits between attempts; a durable timer unless given.</param>
    public static async Task<Attempted<T>> TryAsync<T>(
        this WorkflowContext context, RetryPlan plan, Func<int, Task<T>> act, Func<TimeSpan, Task>? pause = null)
        where T : class
    {
        var began = context.CurrentUtcDateTime;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(await act(attempt), attempt - 1, null);
            }
            catch (WorkflowTaskFailedException failure)
            {
                var delay = plan.PauseAfter(attempt);
                if (context.CurrentUtcDateTime + delay - began > plan.GiveUpAfter) return new(null, attempt, failure.FailureDetails);
                await (pause is null ? context.CreateTimer(delay) : pause(delay));
            }
        }
    }
}
