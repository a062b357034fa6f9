using System.Buffers.Binary;
using Google.Protobuf;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>The body of one gRPC call.</summary>
/// <param name="Path">The method.</param>
/// <param name="Body">What goes over the wire, frame headers included.</param>
/// <param name="Encoding">The header grpc-encoding, if any.</param>
/// <param name="IsReadable">False when the frames or the message in them are broken: gRPC itself answers that, in its own codes.</param>
/// <param name="What">In words.</param>
internal sealed record GrpcCase(string Path, byte[] Body, string? Encoding, bool IsReadable, string What)
{
    private const int Kinds = 10;

    public override string ToString() => $"{Path} with {What}: {Scraps.Show(Body)}";

    /// <summary>Every kind of damage to the frames of one message.</summary>
    public static IEnumerable<GrpcCase> Frames(Random random, string path, IMessage message) => Enumerable.Range(0, Kinds).Select(kind => Frame(random, path, message.ToByteArray(), kind));

    /// <summary>A message of the right type, in one right frame.</summary>
    public static GrpcCase Whole(string path, IMessage message) => new(path, Framed(message.ToByteArray()), null, true, "odd values");

    /// <summary>Bytes that are a message only by chance.</summary>
    public static GrpcCase Damaged(Random random, string path, MessageParser parser, IMessage message)
    {
        var bytes = random.Next(4) == 0 ? Scraps.Bytes(random, 60) : Scraps.Damaged(random, message.ToByteArray());
        return new(path, Framed(bytes), null, Reads(parser, bytes), "a damaged message");
    }

    private static GrpcCase Frame(Random random, string path, byte[] message, int kind) => kind switch
    {
        0 => new(path, [], null, false, "no message"),
        1 => new(path, Framed(message)[..random.Next(1, 5)], null, false, "a part of a frame header"),
        2 => new(path, Framed(message, message.Length + random.Next(1, 1000)), null, false, "a length beyond the end"),
        3 => new(path, Framed(message, int.MaxValue), null, false, "a length over the limit"),
        4 => new(path, Framed(message, -1), null, false, "the largest length"),
        5 => new(path, [.. Framed(message), .. Framed(message)], null, false, "two messages"),
        6 => new(path, Framed([1, 2, .. message], flag: 1), null, false, "the compressed flag and no encoding"),
        7 => new(path, Framed([1, 2, .. message], flag: 1), "gzip", false, "a compressed message that is none"),
        8 => new(path, Framed([1, 2, .. message], flag: 1), "br", false, "an unknown encoding"),
        _ => new(path, Framed(message, flag: (byte)random.Next(2, 256)), null, false, "an unknown flag"),
    };

    private static bool Reads(MessageParser parser, byte[] bytes)
    {
        try
        {
            parser.ParseFrom(bytes);
            return true;
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] Framed(byte[] message, int? length = null, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }
}
