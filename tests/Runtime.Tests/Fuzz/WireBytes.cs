using System.Buffers.Binary;
using System.Text;

namespace LocalDapr.Runtime.Tests.Fuzz;

/// <summary>Whole requests as bytes, to be damaged: HTTP/1.1, and HTTP/2 with a gRPC call.</summary>
internal static class WireBytes
{
    private const byte Data = 0, Headers = 1, Settings = 4, EndStream = 1, EndHeaders = 4;

    private static readonly string[] Http1 =
    [
        "POST /v1.0/state/state HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n[{\"key\":\"k\",\"value\":1}]",
        "POST /v1.0/state/state HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[{\"ke\r\n12\r\ny\":\"k\",\"value\":1}]\r\n0\r\n\r\n",
        "POST /v1.0/publish/pubsub/wanted HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        "POST /v1.0/invoke/myapp/method/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nTrailer: y\r\n\r\n",
        "GET /v1.0/healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /v1.0/metadata HTTP/1.1\r\nHost: x\r\n\r\n",
    ];

    /// <summary>Damage may take a call's deadline away: those that would wait for it are left out.</summary>
    private static readonly string[] Paths = [.. GrpcTarget.All.Where(target => !target.MayWait).Select(target => target.Path)];

    public static byte[] RightHttp1(Random random) => Encoding.ASCII.GetBytes(random.GetItems(Http1, 1)[0]);

    public static byte[] RightHttp2(Random random, byte[] frame)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in new[]
        {
            (":method", "POST"), (":scheme", "http"), (":path", random.GetItems(Paths, 1)[0]), (":authority", "x"),
            ("content-type", "application/grpc"), ("te", "trailers"), ("grpc-timeout", "100m"),
        })
        {
            // A literal without an index and without Huffman.
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }
        return [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []), .. Frame(Headers, EndHeaders, 1, block.ToArray()), .. Frame(Data, EndStream, 1, frame)];
    }

    private static void WriteText(MemoryStream block, string text)
    {
        block.WriteByte((byte)text.Length);
        block.Write(Encoding.ASCII.GetBytes(text));
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
