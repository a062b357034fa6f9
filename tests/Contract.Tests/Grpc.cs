using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace LocalDapr.Contract.Tests;

/// <summary>gRPC's length-prefixed message, never compressed.</summary>
internal static class GrpcFrame
{
    public const int HeaderLength = 5;

    public static byte[] Of(ReadOnlySpan<byte> message)
    {
        var frame = new byte[HeaderLength + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    /// <returns>The next message; null at the end of the stream.</returns>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (await stream.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken) < HeaderLength)
            return null;
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }
}

/// <summary>Codes by their names, and metadata as recordings show them.</summary>
internal static class GrpcStatus
{
    public const string Ok = "OK";
    public const string Unimplemented = "UNIMPLEMENTED";

    private static readonly string[] Names =
    [
        Ok, "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", Unimplemented, "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Of the protocol, not of the call.</summary>
    private static readonly HashSet<string> Protocol = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "date", "user-agent", "te", "host", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "accept-encoding", "grpc-status", "grpc-message",
    };

    public static int Number(string name) => Array.IndexOf(Names, name);

    public static string Name(string number) => int.TryParse(number, out var index) && index >= 0 && index < Names.Length ? Names[index] : "UNKNOWN";

    public static JsonObject Metadata(IEnumerable<(string Name, string Value)> headers, Func<byte[], JsonNode?> showBinary)
    {
        var shown = new JsonObject();
        foreach (var (name, value) in headers)
        {
            if (!Protocol.Contains(name))
                shown[name.ToLowerInvariant()] = name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase) ? showBinary(FromBase64(value)) : value;
        }
        return shown;
    }

    /// <summary>Padding is optional in metadata.</summary>
    private static byte[] FromBase64(string value) => Convert.FromBase64String(value.PadRight((value.Length + 3) / 4 * 4, '='));
}
