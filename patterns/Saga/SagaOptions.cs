using Dapr.Workflow;

namespace Quayside.Saga;

/// <summary>How patient a saga is. Part of a workflow's code: changing a released value changes how its histories replay.</summary>
public sealed record SagaOptions
{
    /// <summary>Retries of a step before the pivot; when they are exhausted its outcome is unknown and it is undone as well.</summary>
    public WorkflowRetryPolicy ActRetries { get; init; } = new(
        maxNumberOfAttempts: 100,
        firstRetryInterval: TimeSpan.FromSeconds(1),
        backoffCoefficient: 2,
        maxRetryInterval: TimeSpan.FromSeconds(30),
        retryTimeout: TimeSpan.FromMinutes(10));

    /// <summary>First pause of what is repeated for ever: compensations, and steps after the pivot.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause of what is repeated for ever.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Failed tries after which the custom status says that a human should look.</summary>
    public int AttentionAfter { get; init; } = 10;

    /// <summary>No step before the pivot starts later than this after the first.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The reason of a saga that ran into its deadline.</summary>
    public string DeadlineReason { get; init; } = "not completed in time";
}
