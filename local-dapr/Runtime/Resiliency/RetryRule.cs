namespace LocalDapr.Runtime.Resiliency;

/// <summary>
/// One entry of <c>policies.retries</c> (contract section 9). Constant: <see cref="Duration"/> apart. Exponential: from 500 ms by 1.5 each time up
/// to <see cref="MaxInterval"/>, each wait spread by half, for at most 15 minutes.
/// </summary>
/// <param name="MaxRetries">Attempts after the first; negative = no limit.</param>
/// <param name="HttpStatuses">Null = every status is retried.</param>
/// <param name="GrpcStatuses">Null = every status is retried.</param>
public sealed record RetryRule(bool Exponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries, CodeRanges? HttpStatuses = null, CodeRanges? GrpcStatuses = null)
{
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan DefaultMaxInterval = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan InitialInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan MaxElapsed = TimeSpan.FromMinutes(15);

    /// <summary>Calls to another sidecar: 3 retries a second apart, only when that sidecar is away.</summary>
    public static RetryRule BuiltInService { get; } = new(false, TimeSpan.FromSeconds(1), DefaultMaxInterval, 3);

    /// <summary>Questions to the app at start, such as its subscriptions.</summary>
    public static RetryRule BuiltInInitialization { get; } = new(true, DefaultDuration, TimeSpan.FromSeconds(1), 3);

    /// <summary>Whether the failure is one to try again after.</summary>
    public bool Matches(Exception failure) => failure is not CodedException { Code: var code } || code switch
    {
        >= 0 and <= 16 => GrpcStatuses is null || GrpcStatuses.Contains(code),
        >= 100 and <= 599 => HttpStatuses is null || HttpStatuses.Contains(code),
        _ => true,
    };

    /// <summary>
    /// The wait before the retry with this number (from 1), null when the attempts are over. <paramref name="random"/> lies between 0 and 1.
    /// </summary>
    public TimeSpan? Wait(int retry, TimeSpan elapsed, double random)
    {
        if (MaxRetries >= 0 && retry > MaxRetries)
            return null;
        if (!Exponential)
            return Duration;
        var interval = Math.Min(InitialInterval.TotalMilliseconds * Math.Pow(1.5, Math.Min(retry - 1, 64)), MaxInterval.TotalMilliseconds);
        var wait = TimeSpan.FromMilliseconds(Math.Min(interval * (0.5 + random), MaxInterval.TotalMilliseconds));
        return elapsed + wait > MaxElapsed ? null : wait;
    }
}
