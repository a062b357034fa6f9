namespace LocalDapr.Protocol.Grpc;

/// <summary>Metadata as HTTP headers: which names belong to the protocol itself, and the base64 of <c>-bin</c> values.</summary>
internal static class MetadataWire
{
    public static bool IsReserved(string name) => name.Length == 0 || name[0] == ':' || name.ToLowerInvariant() is
        "te" or "content-type" or "content-length" or "host" or "connection" or "transfer-encoding" or "date" or "server"
        or "grpc-status" or "grpc-message" or "grpc-timeout" or "grpc-encoding" or "grpc-accept-encoding" or "grpc-message-type";

    public static string Encode(MetadataEntry entry) =>
        entry.Bytes is { } bytes ? Convert.ToBase64String(bytes).TrimEnd('=') : entry.Value!;

    public static void AddTo(Metadata metadata, string name, string value)
    {
        if (!Metadata.IsBinary(name))
        {
            metadata.Add(name, value);
            return;
        }
        // A peer may join repeated binary headers with commas, which base64 cannot hold.
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
            if (TryDecode(part) is { } bytes)
                metadata.Add(name, bytes);
    }

    private static byte[]? TryDecode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var length) ? bytes[..length] : null;
    }
}
