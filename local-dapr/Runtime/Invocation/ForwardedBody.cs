using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace LocalDapr.Runtime.Invocation;

/// <summary>The body of an incoming request as the content of an outgoing one: passed on as it arrives, without a copy.</summary>
internal sealed class ForwardedBody(PipeReader reader, long? length, bool flushEach) : HttpContent
{
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int started;

    /// <summary>True once a byte may have been taken from the caller: then it cannot be sent again.</summary>
    public bool HasStarted => Volatile.Read(ref started) == 1;

    /// <summary>What went wrong on the caller's side of the body, such as a body over the limit.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Lets go of the caller's body; nothing reads it any more when the task completes.</summary>
    public async Task StopAsync()
    {
        if (!HasStarted || finished.Task.IsCompleted)
            return;
        reader.CancelPendingRead();
        await finished.Task;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref started, 1) == 1)
            throw new InvalidOperationException("the request body was already sent");
        try
        {
            if (flushEach)
                await stream.FlushAsync(cancellationToken);
            while (true)
            {
                ReadResult read;
                try
                {
                    read = await reader.ReadAsync(cancellationToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    Failure = failure;
                    throw;
                }
                if (read.IsCanceled)
                    throw new OperationCanceledException();
                foreach (var segment in read.Buffer)
                    await stream.WriteAsync(segment, cancellationToken);
                if (flushEach && !read.Buffer.IsEmpty)
                    await stream.FlushAsync(cancellationToken);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        finally
        {
            finished.TrySetResult();
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length ?? 0;
        return length is not null;
    }
}
