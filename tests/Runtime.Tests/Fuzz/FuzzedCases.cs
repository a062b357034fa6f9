using System.Collections.Concurrent;

namespace LocalDapr.Runtime.Tests.Fuzz;

internal static class FuzzedCases
{
    /// <summary>Puts all cases, some at once; returns what was wrong, in the order of the cases, each with its case on the last line.</summary>
    /// <param name="problem">Null when all is well; a <see cref="TimeoutException"/> is a problem too.</param>
    public static async Task<IReadOnlyList<string>> BrokenAsync<T>(IReadOnlyList<T> cases, int atOnce, Func<T, Task<string?>> problem, Func<T, string> show)
    {
        var broken = new ConcurrentDictionary<int, string>();
        await Parallel.ForAsync(0, cases.Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, _) =>
        {
            string? found;
            try
            {
                found = await problem(cases[i]);
            }
            catch (TimeoutException hung)
            {
                found = hung.Message;
            }
            if (found is not null)
                broken[i] = $"{found}\n  to {show(cases[i])}";
        });
        return [.. broken.OrderBy(b => b.Key).Select(b => b.Value)];
    }
}
