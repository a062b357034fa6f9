namespace Dapr.Workflow;

/// <summary>Fan-out with a limit.</summary>
public static class ParallelExtensions
{
    /// <summary>Runs a task for each input, at most <paramref name="maxConcurrency"/> at once; results in the order of the inputs.</summary>
    /// <exception cref="AggregateException">Some failed; thrown when all have ended.</exception>
    public static async Task<TResult[]> ProcessInParallelAsync<TInput, TResult>(this WorkflowContext context, IEnumerable<TInput> inputs, Func<TInput, Task<TResult>> taskFactory, int maxConcurrency = 5)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(taskFactory);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        var all = inputs.ToArray();
        var results = new TResult[all.Length];
        var errors = new List<Exception>();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(maxConcurrency, all.Length)).Select(_ => LaneAsync()).ToArray());
        return errors.Count == 0 ? results : throw new AggregateException($"{errors.Count} of {all.Length} tasks failed.", errors);

        // All lanes run on the turn's own thread, so the order in which they take inputs is the same in every replay.
        async Task LaneAsync()
        {
            while (next < all.Length)
            {
                var i = next++;
                try
                {
                    results[i] = await taskFactory(all[i]);
                }
                catch (Exception e)
                {
                    errors.Add(e);
                }
            }
        }
    }
}
