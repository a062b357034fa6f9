namespace LocalDapr.Protocol.Grpc;

internal sealed class ServerStreamWriter<T>(ServerCallContext context, Marshaller<T> marshaller, int? maxSize) : IServerStreamWriter<T>, IDisposable
{
    private readonly SemaphoreSlim one = new(1, 1);

    public async ValueTask WriteAsync(T message, CancellationToken cancellationToken = default)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        await one.WaitAsync(cancellationToken);
        try
        {
            context.WriteFrame(marshaller, message, maxSize);
            var flushed = await context.FlushAsync();
            // The connection may know it before the token does.
            context.ClientHasLeft = flushed.IsCompleted || flushed.IsCanceled;
            if (context.ClientHasLeft)
                throw new OperationCanceledException("The client has left the call.", context.CancellationToken);
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();
}
