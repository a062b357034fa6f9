using System.Buffers;
using Google.Protobuf;

namespace LocalDapr.Protocol.Grpc;

/// <summary>Writes a message into a span of exactly the size that was asked for.</summary>
public delegate void SpanWriter<in T>(T message, Span<byte> target);

/// <summary>How messages of one type become bytes and back. <paramref name="Read"/> must not keep the sequence: its memory is pooled.</summary>
public sealed record Marshaller<T>(Func<T, int> SizeOf, SpanWriter<T> Write, Func<ReadOnlySequence<byte>, T> Read);

public static class Marshaller
{
    /// <summary>Messages as they are: for passing calls on without knowing their types.</summary>
    public static Marshaller<ReadOnlyMemory<byte>> Bytes { get; } =
        new(m => m.Length, (m, target) => m.Span.CopyTo(target), bytes => bytes.ToArray());

    public static Marshaller<T> For<T>(MessageParser<T> parser) where T : IMessage<T> =>
        new(m => m.CalculateSize(), (m, target) => m.WriteTo(target), bytes => parser.ParseFrom(bytes));
}
