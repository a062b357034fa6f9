using System.Buffers.Binary;

namespace LocalDapr.Protocol.Grpc;

/// <summary>A message with its length prefix, never compressed.</summary>
internal static class FrameWriter
{
    public static int SizeOf<T>(Marshaller<T> marshaller, T message, int? maxSize)
    {
        var size = marshaller.SizeOf(message);
        if (size > maxSize)
            throw new RpcException(StatusCode.ResourceExhausted, $"Sending message of {size} bytes is larger than the maximum of {maxSize} bytes.");
        return size;
    }

    /// <summary>Writes into a frame of <see cref="FrameReader.HeaderSize"/> and the message's size.</summary>
    public static void Write<T>(Marshaller<T> marshaller, T message, Span<byte> frame)
    {
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], frame.Length - FrameReader.HeaderSize);
        marshaller.Write(message, frame[FrameReader.HeaderSize..]);
    }
}
