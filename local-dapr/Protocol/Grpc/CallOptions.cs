namespace LocalDapr.Protocol.Grpc;

/// <summary>What one call wants besides its message.</summary>
public readonly record struct CallOptions
{
    public CallOptions()
    {
    }

    public Metadata? Headers { get; init; }

    /// <summary>Time for the whole call, sent along as <c>grpc-timeout</c>; it ends in <see cref="StatusCode.DeadlineExceeded"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The same as a point in time; the earlier of both counts.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Cancelling resets the stream at the server; the caller gets an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Filled with the answer's headers when they arrive.</summary>
    public Metadata? ResponseHeaders { get; init; }

    /// <summary>Filled with the answer's trailers at the end of a successful call.</summary>
    public Metadata? ResponseTrailers { get; init; }
}
