using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace LocalDapr.Protocol.Grpc;

/// <summary>A request body of one message; it can be sent again when the connection was going away.</summary>
internal sealed class UnaryContent<T> : HttpContent
{
    internal static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    private readonly Marshaller<T> marshaller;
    private readonly T message;
    private readonly int size;

    public UnaryContent(Marshaller<T> marshaller, T message, int? maxSize)
    {
        (this.marshaller, this.message, size) = (marshaller, message, FrameWriter.SizeOf(marshaller, message, maxSize));
        Headers.ContentType = Grpc;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var length = FrameReader.HeaderSize + size;
        var frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            FrameWriter.Write(marshaller, message, frame.AsSpan(0, length));
            await stream.WriteAsync(frame.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
