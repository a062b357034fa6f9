using System.Buffers;
using System.Net;

namespace LocalDapr.Protocol.Grpc;

/// <summary>A request body that stays open: messages are written to it until it is completed.</summary>
internal sealed class StreamingContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamingContent() => Headers.ContentType = UnaryContent<int>.Grpc;

    public async Task WriteAsync<T>(Marshaller<T> marshaller, T message, int? maxSize, CancellationToken cancellationToken)
    {
        var length = FrameReader.HeaderSize + FrameWriter.SizeOf(marshaller, message, maxSize);
        var stream = await opened.Task.WaitAsync(cancellationToken);
        var frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            FrameWriter.Write(marshaller, message, frame.AsSpan(0, length));
            await stream.WriteAsync(frame.AsMemory(0, length), cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    public void Complete() => done.TrySetResult();

    /// <summary>The call is over: whoever waits for the body to open learns why.</summary>
    public void Fail(Exception reason)
    {
        opened.TrySetException(reason);
        _ = opened.Task.Exception;
        done.TrySetResult();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Headers must leave before the first message: some servers speak first.
        await stream.FlushAsync(cancellationToken);
        opened.TrySetResult(stream);
        await done.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
