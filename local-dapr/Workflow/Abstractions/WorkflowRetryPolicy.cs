namespace Dapr.Workflow;

/// <summary>Retries by the worker with durable timers between them: first interval x coefficient^(n-1).</summary>
public class WorkflowRetryPolicy
{
    /// <param name="maxNumberOfAttempts">The first call included; at least 1.</param>
    /// <param name="firstRetryInterval">Above zero.</param>
    /// <param name="backoffCoefficient">At least 1.</param>
    /// <param name="maxRetryInterval">Not below the first interval; none by default, but without it the first interval is at most an hour.</param>
    /// <param name="retryTimeout">From the first call; not below the first interval; none by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public WorkflowRetryPolicy(int maxNumberOfAttempts, TimeSpan firstRetryInterval, double backoffCoefficient = 1.0, TimeSpan? maxRetryInterval = null, TimeSpan? retryTimeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNumberOfAttempts);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstRetryInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(backoffCoefficient, 1.0);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRetryInterval ?? TimeSpan.FromHours(1), firstRetryInterval, nameof(maxRetryInterval));
        if (retryTimeout is { } timeout && timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, firstRetryInterval, nameof(retryTimeout));
        (MaxNumberOfAttempts, FirstRetryInterval, BackoffCoefficient) = (maxNumberOfAttempts, firstRetryInterval, backoffCoefficient);
        (MaxRetryInterval, RetryTimeout) = (maxRetryInterval, retryTimeout ?? Timeout.InfiniteTimeSpan);
    }

    public int MaxNumberOfAttempts { get; }

    public TimeSpan FirstRetryInterval { get; }

    public double BackoffCoefficient { get; }

    public TimeSpan? MaxRetryInterval { get; }

    public TimeSpan RetryTimeout { get; }

    internal TimeSpan DelayAfter(int attempt)
    {
        var ticks = Math.Min(FirstRetryInterval.Ticks * Math.Pow(BackoffCoefficient, attempt - 1), TimeSpan.FromDays(365_000).Ticks);
        var delay = TimeSpan.FromTicks((long)ticks);
        return MaxRetryInterval is { } max && delay > max ? max : delay;
    }
}
