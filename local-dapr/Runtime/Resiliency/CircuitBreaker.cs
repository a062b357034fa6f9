namespace LocalDapr.Runtime.Resiliency;

/// <summary>The numbers that a trip expression may use.</summary>
public record struct BreakerCounts(int Requests, int TotalSuccesses, int TotalFailures, int ConsecutiveSuccesses, int ConsecutiveFailures);

public enum BreakerState { Closed, HalfOpen, Open }

/// <summary>
/// One entry of <c>policies.circuitBreakers</c>.
/// </summary>
/// <param name="MaxRequests">Calls let through at once while half-open, and the successes in a row that close it.</param>
/// <param name="Interval">While closed the counts are cleared this often; zero = never.</param>
/// <param name="Timeout">From open to half-open.</param>
/// <param name="Trips">Decides after each failure whether to open.</param>
public sealed record BreakerRule(int MaxRequests, TimeSpan Interval, TimeSpan Timeout, Func<BreakerCounts, bool> Trips);

/// <summary>
/// A circuit breaker that counts as gobreaker 0.5, which Dapr uses: closed opens when the trip expression holds after a failure; open refuses for
/// <see cref="BreakerRule.Timeout"/>; half-open lets <see cref="BreakerRule.MaxRequests"/> calls through, that many successes in a row close it, one
/// failure opens it. A result that arrives after the state has changed does not count.
/// </summary>
public sealed class CircuitBreaker(BreakerRule rule, TimeProvider time)
{
    private readonly Lock gate = new();
    private BreakerCounts counts;
    private BreakerState state;
    private long generation;
    private DateTimeOffset? expiry = rule.Interval > TimeSpan.Zero ? time.GetUtcNow() + rule.Interval : null;

    /// <summary>Called under the breaker's lock with each new state.</summary>
    public Action<BreakerState>? Changed { get; set; }

    public BreakerState State
    {
        get
        {
            lock (gate)
            {
                Refresh();
                return state;
            }
        }
    }

    /// <summary>Admits a call; give the result to <see cref="Leave"/>.</summary>
    /// <exception cref="CircuitOpenException">Open, or half-open and full.</exception>
    public long Enter()
    {
        lock (gate)
        {
            Refresh();
            if (state == BreakerState.Open)
                throw new CircuitOpenException("circuit breaker is open");
            if (state == BreakerState.HalfOpen && counts.Requests >= rule.MaxRequests)
                throw new CircuitOpenException("too many requests");
            counts.Requests++;
            return generation;
        }
    }

    /// <param name="entry">What <see cref="Enter"/> gave.</param>
    /// <param name="success">Null when the caller went away: then the call counts as never made.</param>
    public void Leave(long entry, bool? success)
    {
        lock (gate)
        {
            Refresh();
            if (entry != generation)
                return;
            switch (success)
            {
                case null:
                    counts.Requests--;
                    break;
                case true:
                    counts.TotalSuccesses++;
                    counts.ConsecutiveSuccesses++;
                    counts.ConsecutiveFailures = 0;
                    if (state == BreakerState.HalfOpen && counts.ConsecutiveSuccesses >= rule.MaxRequests)
                        Enter(BreakerState.Closed);
                    break;
                case false:
                    counts.TotalFailures++;
                    counts.ConsecutiveFailures++;
                    counts.ConsecutiveSuccesses = 0;
                    if (state == BreakerState.HalfOpen || rule.Trips(counts))
                        Enter(BreakerState.Open);
                    break;
            }
        }
    }

    private void Refresh()
    {
        if (expiry is not { } end || end >= time.GetUtcNow())
            return;
        if (state == BreakerState.Open)
            Enter(BreakerState.HalfOpen);
        else
            Begin();
    }

    private void Enter(BreakerState next)
    {
        state = next;
        Begin();
        Changed?.Invoke(next);
    }

    private void Begin()
    {
        generation++;
        counts = default;
        expiry = state switch
        {
            BreakerState.Open => time.GetUtcNow() + rule.Timeout,
            BreakerState.Closed when rule.Interval > TimeSpan.Zero => time.GetUtcNow() + rule.Interval,
            _ => null,
        };
    }
}
