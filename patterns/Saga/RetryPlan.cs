namespace Quayside.Saga;

/// <summary>When to try again: after <paramref name="First"/>, doubling up to <paramref name="Longest"/>.</summary>
/// <param name="First">Pause after the first failure.</param>
/// <param name="Longest">No pause is longer.</param>
/// <param name="GiveUpAfter">Since the first attempt; null for never.</param>
public sealed record RetryPlan(TimeSpan First, TimeSpan Longest, TimeSpan? GiveUpAfter = null)
{
    /// <param name="failures">From 1.</param>
    public TimeSpan PauseAfter(int failures)
    {
        // 2^30 s is beyond any pause; the bound keeps the shift from overflowing.
        var pause = First.Ticks * (double)(1L << Math.Min(failures - 1, 30));
        return pause < Longest.Ticks ? TimeSpan.FromTicks((long)pause) : Longest;
    }
}
