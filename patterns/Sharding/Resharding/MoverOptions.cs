namespace Quayside.Sharding.Resharding;

/// <summary>Bounds and times of a mover.</summary>
public sealed record MoverOptions
{
    /// <summary>Buckets that are frozen together.</summary>
    public int GroupSize { get; init; } = 16;

    /// <summary>How long a dead mover keeps another from going on; what it had frozen stays frozen so long.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long a group is thawed again, and tried later: the broker may be slow.</summary>
    public TimeSpan LongestFreeze { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at what is waited for.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>After a freeze that was given up.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>The steps of the move of a group, in their order.</summary>
public enum MoveStep
{
    Copying = 1,
    Freezing,
    Draining,
    Verifying,
    Projecting,
    Flipping,
    Leaving,
    Owning,
    Releasing,
    Ending,
}
