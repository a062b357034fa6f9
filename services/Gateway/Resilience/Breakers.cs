using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using Quayside.Gateway.Forwarding;
using Quayside.Gateway.Routing;

namespace Quayside.Gateway.Resilience;

/// <summary>
/// One pipeline per app: the app's breaker, the whole route's time, retries, the time of one try. The breaker judges what came of a call after its
/// retries, and is shared by all routes of the app; a request that is sent once goes round the retries but not round the breaker.
/// An event stream goes round both.
/// </summary>
public sealed partial class Breakers(GatewayOptions options, TimeProvider time, ILogger<Breakers> logger)
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<Answer>> breakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string App, double Timeout, double TryTimeout, bool Repeat), ResiliencePipeline<Answer>> pipelines = new();
    private readonly ConcurrentDictionary<double, ResiliencePipeline<Answer>> streams = new();

    public ResiliencePipeline<Answer> For(string app, RouteLine route, bool repeatable) => route.Stream
        ? streams.GetOrAdd(route.Timeout, BuildForStream)
        : pipelines.GetOrAdd((app, route.Timeout, route.TryTimeout ?? options.TryTimeout, repeatable && options.Retries > 0), Build);

    private ResiliencePipeline<Answer> Build((string App, double Timeout, double TryTimeout, bool Repeat) key)
    {
        var builder = new ResiliencePipelineBuilder<Answer> { TimeProvider = time };
        builder.AddPipeline(breakers.GetOrAdd(key.App, Breaker));
        builder.AddTimeout(TimeSpan.FromSeconds(key.Timeout));
        if (key.Repeat) builder.AddRetry(Retry());
        builder.AddTimeout(TimeSpan.FromSeconds(key.TryTimeout));
        return builder.Build();
    }

    private ResiliencePipeline<Answer> BuildForStream(double timeout) =>
        new ResiliencePipelineBuilder<Answer> { TimeProvider = time }.AddTimeout(TimeSpan.FromSeconds(timeout)).Build();

    private RetryStrategyOptions<Answer> Retry() => new()
    {
        MaxRetryAttempts = options.Retries,
        Delay = TimeSpan.FromMilliseconds(100),
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome switch
        {
            { Exception: { } failure } => IsOfTheApp(failure),
            { Result: { } answer } => answer.MayPassSoon,
            _ => false,
        }),
    };

    private ResiliencePipeline<Answer> Breaker(string app) =>
        new ResiliencePipelineBuilder<Answer> { TimeProvider = time }.AddCircuitBreaker(new CircuitBreakerStrategyOptions<Answer>
        {
            FailureRatio = options.Breaker.FailureRatio,
            MinimumThroughput = options.Breaker.Threshold,
            SamplingDuration = TimeSpan.FromSeconds(options.Breaker.Window),
            BreakDuration = TimeSpan.FromSeconds(options.Breaker.ResetTimeout),
            ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome switch
            {
                { Exception: { } failure } => IsOfTheApp(failure),
                { Result: { } answer } => answer.IsFailure,
                _ => false,
            }),
            OnOpened = opened => Say(app, "open", opened.BreakDuration),
            OnHalfOpened = _ => Say(app, "half-open", TimeSpan.Zero),
            OnClosed = _ => Say(app, "closed", TimeSpan.Zero),
        }).Build();

    // A streamed body that is too large, cut off or slow breaks the call too, and that is the client's doing.
    private static bool IsOfTheApp(Exception failure) =>
        failure is HttpRequestException or TimeoutRejectedException && failure.GetBaseException() is not BadHttpRequestException;

    private ValueTask Say(string app, string state, TimeSpan pause)
    {
        Log.Changed(logger, app, state, pause);
        return ValueTask.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The breaker of {App} is {State} ({Pause})")]
        public static partial void Changed(ILogger logger, string app, string state, TimeSpan pause);
    }
}
