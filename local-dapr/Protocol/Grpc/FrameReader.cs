using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;

namespace LocalDapr.Protocol.Grpc;

/// <summary>Takes the length-prefixed messages of one direction of a call from a pipe, however they were cut into frames.</summary>
internal readonly struct FrameReader(PipeReader pipe, int? maxSize, string? encoding)
{
    public const int HeaderSize = 5;

    /// <summary>The next message, or nothing at the end of the stream.</summary>
    public async ValueTask<(bool Found, T? Message)> ReadAsync<T>(Func<ReadOnlySequence<byte>, T> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            if (result.IsCanceled)
                throw new OperationCanceledException();
            if (TryTake(result.Buffer, out var payload, out var compressed))
            {
                var message = Parse(read, compressed ? Decompress(payload) : payload);
                pipe.AdvanceTo(payload.End);
                return (true, message);
            }
            if (result.IsCompleted)
                return result.Buffer.IsEmpty ? (false, default) : throw new RpcException(StatusCode.Internal, "The stream ended within a message.");
            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>The only message of a unary direction, read up to the end of the stream.</summary>
    public async ValueTask<T> ReadSingleAsync<T>(Func<ReadOnlySequence<byte>, T> read, CancellationToken cancellationToken)
    {
        var (found, message) = await ReadAsync(read, cancellationToken);
        if (!found)
            throw new RpcException(StatusCode.Internal, "The call carried no message.");
        if ((await ReadAsync(static _ => false, cancellationToken)).Found)
            throw new RpcException(StatusCode.Internal, "The call carried more than one message.");
        return message!;
    }

    private bool TryTake(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload, out bool compressed)
    {
        (payload, compressed) = (default, false);
        if (buffer.Length < HeaderSize)
            return false;
        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        if (header[0] > 1)
            throw new RpcException(StatusCode.Internal, $"The compressed flag of a message is {header[0]}.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)(maxSize ?? int.MaxValue))
            throw TooLong(length);
        if (buffer.Length < HeaderSize + length)
            return false;
        compressed = header[0] == 1;
        payload = buffer.Slice(HeaderSize, length);
        return true;
    }

    private static T Parse<T>(Func<ReadOnlySequence<byte>, T> read, ReadOnlySequence<byte> payload)
    {
        try
        {
            return read(payload);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidOperationException)
        {
            // A wrapper such as StringValue that is cut off makes the parser throw the second.
            throw new RpcException(StatusCode.Internal, "A message could not be read: " + e.Message, inner: e);
        }
    }

    private ReadOnlySequence<byte> Decompress(ReadOnlySequence<byte> payload)
    {
        if (encoding != "gzip")
            throw new RpcException(StatusCode.Unimplemented, $"The encoding {encoding ?? "(none)"} is not supported.");
        using var source = new GZipStream(new MemoryStream(payload.ToArray()), CompressionMode.Decompress);
        var plain = new ArrayBufferWriter<byte>();
        while (true)
        {
            int read;
            try
            {
                read = source.Read(plain.GetSpan(4096));
            }
            catch (InvalidDataException e)
            {
                throw new RpcException(StatusCode.Internal, "A message could not be decompressed.", inner: e);
            }
            if (read == 0)
                return new(plain.WrittenMemory);
            plain.Advance(read);
            if (plain.WrittenCount > (maxSize ?? int.MaxValue))
                throw TooLong((uint)plain.WrittenCount);
        }
    }

    private RpcException TooLong(uint length) =>
        new(StatusCode.ResourceExhausted, $"Received message of {length} bytes is larger than the maximum of {maxSize ?? int.MaxValue} bytes.");
}
