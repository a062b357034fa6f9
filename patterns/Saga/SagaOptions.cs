namespace Quayside.Saga;

/// <summary>How patient a saga is. Part of a workflow's code: changing a released value changes how its histories replay.</summary>
public sealed record SagaOptions
{
    /// <summary>First pause after a failed try; each later one is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause of a step before the pivot.</summary>
    public TimeSpan LongestStepPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest pause of what is repeated for ever: compensations, and steps after the pivot.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a step before the pivot is tried; then its outcome is unknown and it is undone as well.</summary>
    public TimeSpan StepPatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The reason of a saga that lost its patience with a step. What failed is in the workflow's history; a reason is read by customers.</summary>
    public string ExhaustedReason { get; init; } = "could not be completed";

    /// <summary>No step before the pivot is tried later than this after the first.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The reason of a saga that ran into its deadline.</summary>
    public string DeadlineReason { get; init; } = "not completed in time";

    /// <summary>Failed tries of what is repeated for ever, after which the custom status says that a human should look.</summary>
    public int AttentionAfter { get; init; } = 10;

    /// <summary>Failed tries in one run of the workflow; then it should continue as new, or its history would grow for as long as something is broken.</summary>
    public int TriesInOneRun { get; init; } = 100;
}
