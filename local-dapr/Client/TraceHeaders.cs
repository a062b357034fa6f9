using System.Diagnostics;
using LocalDapr.Protocol.Grpc;

namespace Dapr.Client;

/// <summary>The current span as metadata of a call: W3C text and the binary form of older gRPC peers.</summary>
internal static class TraceHeaders
{
    public static Metadata? Current()
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity)
            return null;
        Metadata headers = [("traceparent", id), ("grpc-trace-bin", Binary(activity))];
        if (activity.TraceStateString is { Length: > 0 } state)
            headers.Add("tracestate", state);
        return headers;
    }

    // Version 0, then fields: 0 trace id (16 bytes), 1 span id (8), 2 flags (1).
    private static byte[] Binary(Activity activity)
    {
        var bytes = new byte[29];
        activity.TraceId.CopyTo(bytes.AsSpan(2, 16));
        bytes[18] = 1;
        activity.SpanId.CopyTo(bytes.AsSpan(19, 8));
        bytes[27] = 2;
        bytes[28] = (byte)activity.ActivityTraceFlags;
        return bytes;
    }
}
