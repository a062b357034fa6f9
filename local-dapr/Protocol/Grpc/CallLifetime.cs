using System.Net.Http;

namespace LocalDapr.Protocol.Grpc;

/// <summary>What ends a call early (the caller, its deadline, disposal) and how failures are told to the caller.</summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly CancellationToken caller;
    private readonly CancellationTokenSource? source;
    private readonly CancellationTokenSource? deadline;

    public CallLifetime(CallOptions options, TimeProvider time, bool cancellable = false)
    {
        caller = options.CancellationToken;
        Remaining = Earlier(options.Timeout, options.Deadline - time.GetUtcNow());
        if (Remaining <= TimeSpan.Zero)
            throw new RpcException(StatusCode.DeadlineExceeded, "The deadline had passed before the call.");
        if (Remaining is { } timeout)
            deadline = new(GrpcTimeout.ForTimer(timeout), time);
        if (deadline is not null || cancellable)
            source = CancellationTokenSource.CreateLinkedTokenSource(caller, deadline?.Token ?? default);
        Token = source?.Token ?? caller;
    }

    public TimeSpan? Remaining { get; }

    public CancellationToken Token { get; }

    public void Cancel()
    {
        try
        {
            source?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended at the same moment.
        }
    }

    public Exception Translate(Exception exception) => exception switch
    {
        _ when caller.IsCancellationRequested => exception as OperationCanceledException ?? new OperationCanceledException(exception.Message, exception, caller),
        RpcException rpc => rpc,
        _ when deadline?.IsCancellationRequested == true => new RpcException(StatusCode.DeadlineExceeded, "Deadline Exceeded", inner: exception),
        OperationCanceledException => new RpcException(StatusCode.Cancelled, "The call was cancelled.", inner: exception),
        HttpRequestException { InnerException: HttpProtocolException inner } => FromReset(inner, exception),
        HttpProtocolException reset => FromReset(reset, exception),
        HttpRequestException or IOException => new RpcException(StatusCode.Unavailable, exception.Message, inner: exception),
        _ => new RpcException(StatusCode.Internal, exception.Message, inner: exception),
    };

    public void Dispose()
    {
        source?.Dispose();
        deadline?.Dispose();
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    // HTTP/2 error codes: 0x7 refused stream, 0x8 cancel, 0xb enhance your calm, 0xc inadequate security.
    private static RpcException FromReset(HttpProtocolException reset, Exception exception) => new(reset.ErrorCode switch
    {
        0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    }, exception.Message, inner: exception);
}
