using Dapr.Workflow;

namespace Quayside.Saga;

/// <summary>
/// Act, then push what undoes it. On failure the compensations run in reverse, one after the other, each repeated until it succeeds:
/// a saga that stops half undone helps nobody.
/// </summary>
/// <param name="context">Of the running workflow.</param>
/// <param name="plan">Pauses between attempts of one compensation; must never give up.</param>
public sealed class Compensations(WorkflowContext context, RetryPlan plan)
{
    private readonly Stack<Func<int, Task>> undone = new();

    /// <param name="compensate">Gets the number of the attempt, from 1. Must be safe when nothing had happened, and any number of times.</param>
    public void Push(Func<int, Task> compensate) => undone.Push(compensate);

    public async Task RunAsync()
    {
        while (undone.TryPop(out var compensate))
        {
            await context.TryAsync<object>(plan, async attempt =>
            {
                await compensate(attempt);
                return plan;
            });
        }
    }
}
