namespace LocalDapr.Protocol.Grpc;

/// <summary>Where a handler sends the messages of its answer. Safe for several writers; each message leaves at once.</summary>
public interface IServerStreamWriter<in T>
{
    /// <exception cref="OperationCanceledException">The client is gone, or the deadline has passed: the message was not sent.</exception>
    /// <exception cref="RpcException">The message is too long (<see cref="StatusCode.ResourceExhausted"/>); nothing was sent.</exception>
    ValueTask WriteAsync(T message, CancellationToken cancellationToken = default);
}
