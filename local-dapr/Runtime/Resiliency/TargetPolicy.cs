using System.Runtime.ExceptionServices;

namespace LocalDapr.Runtime.Resiliency;

/// <summary>retry( breaker( timeout( call ) ) ) of one target.</summary>
internal sealed class TargetPolicy(TimeSpan? timeout, RetryRule? retry, CircuitBreaker? breaker, TimeProvider time, IPolicyWatch? watch) : Policy
{
    private Policy? once;

    public override bool Retries => retry is { MaxRetries: not 0 };

    public override Policy Once => retry is null ? this : once ??= new TargetPolicy(timeout, null, breaker, time, watch);

    public override async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        for (var number = 1; ; number++)
        {
            TimeSpan wait;
            try
            {
                return await GuardedAsync(attempt, cancellation);
            }
            catch (PermanentException failure)
            {
                ExceptionDispatchInfo.Throw(failure.InnerException!);
                throw;
            }
            catch (Exception failure) when (NextWait(failure, number, started, cancellation) is { } next)
            {
                (failure as IDisposable)?.Dispose();
                watch?.Retrying();
                wait = next;
            }
            await Task.Delay(wait, time, cancellation);
        }
    }

    private TimeSpan? NextWait(Exception failure, int number, long started, CancellationToken cancellation) =>
        retry is null || failure is CircuitOpenException || cancellation.IsCancellationRequested || !retry.Matches(failure)
            ? null
            : retry.Wait(number, time.GetElapsedTime(started), Random.Shared.NextDouble());

    private async Task<T> GuardedAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        if (breaker is null)
            return await TimedAsync(attempt, cancellation);
        watch?.Counted(breaker.State);
        var entry = breaker.Enter();
        bool? success = false;
        try
        {
            var result = await TimedAsync(attempt, cancellation);
            success = true;
            return result;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            success = null;
            throw;
        }
        finally
        {
            breaker.Leave(entry, success);
        }
    }

    private async Task<T> TimedAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        if (timeout is not { } limit)
            return await attempt(cancellation);
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = attempt(source.Token);
        try
        {
            return await running.WaitAsync(limit, time, cancellation);
        }
        catch (TimeoutException) when (!running.IsFaulted)
        {
            watch?.TimedOut();
            throw new TimeoutException("context deadline exceeded");
        }
        finally
        {
            if (running.IsCompleted)
                source.Dispose();
            else
                await AbandonAsync(running, source);
        }
    }

    /// <summary>The attempt may finish later; what it then brings is thrown away.</summary>
    private static async Task AbandonAsync<T>(Task<T> running, CancellationTokenSource source)
    {
        _ = running.ContinueWith(
            static (late, source) =>
            {
                (late.IsCompletedSuccessfully ? (object?)late.Result as IDisposable : late.Exception?.InnerException as IDisposable)?.Dispose();
                ((CancellationTokenSource)source!).Dispose();
            },
            source,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        await source.CancelAsync();
    }
}
