using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// The messages of a proxied gRPC call. They pass as they arrive and are kept on the way, up to a limit, so that an attempt can be repeated: the next
/// attempt gets what was kept and goes on from there. Only the newest attempt reads.
/// </summary>
internal sealed class RecordedBody(PipeReader reader, long limit) : IAsyncDisposable
{
    private const int FrameHeader = 5;

    private readonly PipeReader reader = reader;
    private readonly long limit = limit;
    private readonly ArrayBufferWriter<byte> kept = new();
    private Content? current;
    private bool complete;

    /// <summary>False once more was sent than can be kept.</summary>
    public bool CanRepeat { get; private set; } = true;

    /// <summary>True when the client has sent more than one message: then it is a stream.</summary>
    public bool IsStream => Messages() > 1;

    /// <summary>The content of the next attempt; the one before stops reading first.</summary>
    public async Task<HttpContent> NextAsync()
    {
        await DisposeAsync();
        return current = new Content(this);
    }

    /// <summary>Stops reading.</summary>
    public async ValueTask DisposeAsync()
    {
        if (current is not { HasStarted: true } running || running.Finished.IsCompleted)
            return;
        running.IsStopped = true;
        reader.CancelPendingRead();
        await running.Finished;
    }

    private int Messages()
    {
        var data = kept.WrittenSpan;
        var count = 0;
        while (data.Length >= FrameHeader)
        {
            count++;
            var length = BinaryPrimitives.ReadUInt32BigEndian(data[1..]);
            if (data.Length < FrameHeader + length)
                break;
            data = data[(int)(FrameHeader + length)..];
        }
        return count;
    }

    private sealed class Content(RecordedBody body) : HttpContent
    {
        private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool HasStarted { get; private set; }

        public bool IsStopped { get; set; }

        public Task Finished => finished.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            HasStarted = true;
            try
            {
                if (body.kept.WrittenCount > 0)
                    await stream.WriteAsync(body.kept.WrittenMemory, cancellationToken);
                await stream.FlushAsync(cancellationToken);
                while (!body.complete)
                {
                    var read = await body.reader.ReadAsync(cancellationToken);
                    if (IsStopped || (read.IsCanceled && read.Buffer.IsEmpty))
                    {
                        body.reader.AdvanceTo(read.Buffer.Start);
                        throw new OperationCanceledException();
                    }
                    await PassAsync(read.Buffer, stream, cancellationToken);
                    body.reader.AdvanceTo(read.Buffer.End);
                    body.complete = read.IsCompleted;
                }
            }
            finally
            {
                finished.TrySetResult();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        private async Task PassAsync(ReadOnlySequence<byte> data, Stream stream, CancellationToken cancellation)
        {
            if (data.IsEmpty)
                return;
            body.CanRepeat = body.CanRepeat && body.kept.WrittenCount + data.Length <= body.limit;
            foreach (var segment in data)
            {
                if (body.CanRepeat)
                    body.kept.Write(segment.Span);
                await stream.WriteAsync(segment, cancellation);
            }
            await stream.FlushAsync(cancellation);        }
    }
}
