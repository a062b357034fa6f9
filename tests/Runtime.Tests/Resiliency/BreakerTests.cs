using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.Tests.Resiliency;

public sealed class BreakerTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void It_opens_at_the_fifth_failure_refuses_for_its_timeout_lets_one_call_try_and_closes_on_its_success()
    {
        var breaker = Breaker(c => c.ConsecutiveFailures >= 5);
        for (var i = 0; i < 4; i++)
            Call(breaker, false);
        Assert.Equal(BreakerState.Closed, breaker.State);
        Call(breaker, false);
        Assert.Equal(BreakerState.Open, breaker.State);
        Assert.Equal("circuit breaker is open", Assert.Throws<CircuitOpenException>(() => breaker.Enter()).Message);

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(BreakerState.Open, breaker.State);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(BreakerState.HalfOpen, breaker.State);

        var trial = breaker.Enter();
        Assert.Equal("too many requests", Assert.Throws<CircuitOpenException>(() => breaker.Enter()).Message);
        breaker.Leave(trial, true);
        Assert.Equal(BreakerState.Closed, breaker.State);
        Call(breaker, false);
        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public void A_failed_trial_opens_it_again_for_the_whole_timeout()
    {
        var breaker = Breaker(c => c.ConsecutiveFailures >= 1);
        Call(breaker, false);
        time.Advance(TimeSpan.FromSeconds(61));
        Call(breaker, false);
        Assert.Equal(BreakerState.Open, breaker.State);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(BreakerState.Open, breaker.State);
    }

    [Fact]
    public void A_success_resets_the_row_of_failures()
    {
        var breaker = Breaker(c => c.ConsecutiveFailures >= 3);
        foreach (var result in (bool[])[false, false, true, false, false])
            Call(breaker, result);
        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public void A_result_from_before_the_state_changed_does_not_count()
    {
        var breaker = Breaker(c => c.ConsecutiveFailures >= 1);
        var early = breaker.Enter();
        Call(breaker, false);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        breaker.Leave(early, true);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
    }

    [Fact]
    public void A_trial_whose_caller_went_away_leaves_its_place_to_the_next()
    {
        var breaker = Breaker(c => c.ConsecutiveFailures >= 1);
        Call(breaker, false);
        time.Advance(TimeSpan.FromSeconds(61));
        breaker.Leave(breaker.Enter(), null);
        Call(breaker, true);
        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public void With_an_interval_the_counts_start_anew_while_it_is_closed()
    {
        var breaker = new CircuitBreaker(new BreakerRule(1, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), c => c.TotalFailures >= 2), time);
        Call(breaker, false);
        time.Advance(TimeSpan.FromSeconds(11));
        Call(breaker, false);
        Assert.Equal(BreakerState.Closed, breaker.State);
        Call(breaker, false);
        Assert.Equal(BreakerState.Open, breaker.State);
    }

    private static void Call(CircuitBreaker breaker, bool success) => breaker.Leave(breaker.Enter(), success);

    private CircuitBreaker Breaker(Func<BreakerCounts, bool> trips) => new(new BreakerRule(1, TimeSpan.Zero, TimeSpan.FromSeconds(60), trips), time);
}
