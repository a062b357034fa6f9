using System.Runtime.ExceptionServices;

namespace LocalDapr.Runtime.Resiliency;

/// <summary>
/// One target's policy: retry( breaker( timeout( call ) ) ), contract section 9. An attempt fails by throwing; <see cref="CodedException"/>
/// carries the status that <c>matching</c> looks at. The token given to an attempt ends with its timeout.
/// </summary>
public abstract class Policy
{
    /// <summary>One attempt, no timeout: the policy of a target that nothing names.</summary>
    public static readonly Policy None = new Bare();

    /// <summary>True when a failed attempt may be sent again; a caller that cannot replay its body must then refuse or send once.</summary>
    public virtual bool Retries => false;

    /// <summary>The same breaker and timeout with one attempt only: for bodies that cannot be sent twice.</summary>
    public virtual Policy Once => this;

    /// <summary>Runs the call. A <see cref="PermanentException"/> comes out as the exception that it wraps.</summary>
    /// <exception cref="TimeoutException">The last attempt ran into its timeout ("context deadline exceeded").</exception>
    /// <exception cref="CircuitOpenException">The breaker refused the call.</exception>
    public abstract Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation);

    private sealed class Bare : Policy
    {
        public override async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
        {
            try
            {
                return await attempt(cancellation);
            }
            catch (PermanentException failure)
            {
                ExceptionDispatchInfo.Throw(failure.InnerException!);
                throw;
            }
        }
    }
}

/// <summary>
/// A failure that has an HTTP status (100-599) or a gRPC status (0-16), for <c>retries.matching</c>. One that holds an answer is
/// <see cref="IDisposable"/>: the policy disposes of those it does not pass on.
/// </summary>
public class CodedException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Code { get; } = code;
}

/// <summary>The breaker is open, or half-open and full: "circuit breaker is open" or "too many requests". Never retried.</summary>
public sealed class CircuitOpenException(string message) : Exception(message);

/// <summary>Wraps a failure that no retry may repeat, such as an etag mismatch.</summary>
public sealed class PermanentException(Exception inner) : Exception(inner.Message, inner);
