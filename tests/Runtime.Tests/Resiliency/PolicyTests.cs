using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Tests.Resiliency;

public sealed class PolicyTests
{
    private const string Rules = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: rules}
        spec:
          policies:
            timeouts: {short: 300ms}
            retries:
              thrice: {policy: constant, duration: 2s, maxRetries: 3}
              busy: {policy: constant, duration: 1s, maxRetries: 2, matching: {httpStatusCodes: "429,500-503"}}
            circuitBreakers:
              cb: {maxRequests: 1, timeout: 60s, trip: consecutiveFailures >= 2}
          targets:
            apps:
              retried: {retry: thrice}
              matched: {retry: busy}
              timed: {timeout: short, retry: thrice}
              broken: {retry: thrice, circuitBreaker: cb}
            components:
              store: {inbound: {circuitBreaker: cb}, outbound: {circuitBreaker: cb}}
        """;

    private readonly ManualTime time = new();

    [Fact]
    public async Task Three_retries_are_four_attempts_two_seconds_apart_and_the_last_failure_comes_out()
    {
        var starts = new List<TimeSpan>();
        var began = time.GetUtcNow();
        var running = Run(Load().ForApp("retried", "/x"), () =>
        {
            starts.Add(time.GetUtcNow() - began);
            throw new CodedException(500, $"attempt {starts.Count}");
        });
        for (var i = 0; i < 3; i++)
            await time.AdvanceOnceAwaitedAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("attempt 4", (await Assert.ThrowsAsync<CodedException>(() => running)).Message);
        Assert.Equal([0, 2, 4, 6], starts.Select(s => s.TotalSeconds));
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(429, 3)]
    [InlineData(503, 3)]
    [InlineData(504, 1)]
    public async Task Only_statuses_that_match_are_retried(int status, int attempts)
    {
        var made = 0;
        var running = Run(Load().ForApp("matched", "/x"), () =>
        {
            made++;
            throw new CodedException(status, "no");
        });
        while (!running.IsCompleted)
            await time.AdvanceOnceAwaitedAsync(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<CodedException>(() => running);
        Assert.Equal(attempts, made);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_abandoned_and_its_token_cancelled()
    {
        var tokens = new List<CancellationToken>();
        var policy = Load().ForApp("timed", "/x");
        var running = policy.ExecuteAsync(
            async token =>
            {
                tokens.Add(token);
                if (tokens.Count == 2)
                    return "second";
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
                return "never";
            },
            CancellationToken.None);
        await time.AdvanceOnceAwaitedAsync(TimeSpan.FromMilliseconds(300));
        await Eventually.TrueAsync(() => Task.FromResult(tokens[0].IsCancellationRequested && time.Waiting > 0));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("second", await running);
    }

    [Fact]
    public async Task An_open_breaker_ends_the_retries_at_once_and_every_attempt_counts()
    {
        var made = 0;
        var running = Run(Load().ForApp("broken", "/x"), () =>
        {
            made++;
            throw new CodedException(500, "no");
        });
        for (var i = 0; i < 2; i++)
            await time.AdvanceOnceAwaitedAsync(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<CircuitOpenException>(() => running);
        Assert.Equal(2, made);
    }

    [Fact]
    public async Task Breakers_of_an_app_are_one_per_path_and_those_of_a_component_one_for_both_directions()
    {
        var policies = Load();
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<CodedException>(() => Run(policies.ForApp("broken", "/a").Once, () => throw new CodedException(500, "no")));
        await Assert.ThrowsAsync<CircuitOpenException>(() => Run(policies.ForApp("broken", "/a"), () => Task.CompletedTask));
        await Run(policies.ForApp("broken", "/b"), () => Task.CompletedTask);

        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<CodedException>(() => Run(policies.Outbound("store", "Statestore"), () => throw new CodedException(500, "no")));
        await Assert.ThrowsAsync<CircuitOpenException>(() => Run(policies.Inbound("store", "Statestore"), () => Task.CompletedTask));
    }

    [Fact]
    public async Task A_permanent_failure_is_not_retried_and_comes_out_unwrapped()
    {
        var made = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run(Load().ForApp("retried", "/x"), () =>
        {
            made++;
            throw new PermanentException(new InvalidOperationException("lost race"));
        }));
        Assert.Equal(1, made);
    }

    [Fact]
    public void What_nothing_names_has_no_policy()
    {
        var policies = Load();
        Assert.Same(Policy.None, policies.ForApp("other", "/x"));
        Assert.Same(Policy.None, policies.Outbound("other", "Statestore"));
    }

    [Theory]
    [InlineData("timeouts: {t: 5 apples}", 6, "not a duration")]
    [InlineData("retries: {r: {policy: sometimes}}", 6, "sometimes")]
    [InlineData("circuitBreakers: {c: {trip: consecutiveFailures >}}", 6, "not an expression")]
    [InlineData("circuitBreakers: {c: {trip: requests + 1}}", 6, "not a bool")]
    public void A_bad_policy_is_told_with_file_line_and_cure_and_only_it_is_left_out(string policy, int line, string problem)
    {
        var refused = new List<ResourceException>();
        var policies = new Policies(time);
        var text = $"""
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: {"{name: rules}"}
            spec:
              policies:
                {policy}
              targets:
                apps: {"{}"}
            """;
        policies.Load(ResourceDocument.Parse("rules.yaml", text), refused.Add);
        var told = Assert.Single(refused);
        Assert.Equal(("rules.yaml", line), (told.File, (int)told.Line));
        Assert.Contains(problem, told.Message, StringComparison.Ordinal);
        Assert.Throws<ResourceException>(() => new Policies(time).Load(ResourceDocument.Parse("rules.yaml", text)));
    }

    [Fact]
    public void A_target_that_names_a_missing_policy_is_refused()
    {
        var text = Rules.Replace("retried: {retry: thrice}", "retried: {retry: typo}", StringComparison.Ordinal);
        Assert.Contains("typo", Assert.Throws<ResourceException>(() => new Policies(time).Load(ResourceDocument.Parse("rules.yaml", text))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0.0, 250)]
    [InlineData(1, 0.5, 500)]
    [InlineData(2, 0.5, 750)]
    [InlineData(9, 1.0, 2000)]
    public void Exponential_waits_grow_by_half_from_500_ms_to_the_cap(int retry, double random, double milliseconds)
    {
        var rule = new RetryRule(true, RetryRule.DefaultDuration, TimeSpan.FromSeconds(2), -1);
        Assert.Equal(milliseconds, rule.Wait(retry, TimeSpan.Zero, random)!.Value.TotalMilliseconds);
        Assert.Null(rule.Wait(retry, TimeSpan.FromMinutes(15), random));
    }

    private static Task<bool> Run(Policy policy, Func<Task> attempt) => policy.ExecuteAsync(
        async _ =>
        {
            await attempt();
            return true;
        },
        CancellationToken.None);

    private Policies Load()
    {
        var policies = new Policies(time);
        policies.Load(ResourceDocument.Parse("rules.yaml", Rules));
        return policies;
    }
}
