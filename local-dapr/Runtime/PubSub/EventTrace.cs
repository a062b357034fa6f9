using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.PubSub;

/// <summary>The W3C trace that an event carries; both texts are empty when it carries none (contract-seen section 5).</summary>
internal readonly record struct EventTrace(string Parent, string State)
{
    public static readonly EventTrace None = new("", "");

    /// <summary>The form of gRPC's <c>grpc-trace-bin</c>; null when the text is no traceparent.</summary>
    public static byte[]? Binary(string? parent)
    {
        if (!Traceparent.IsValid(parent))
            return null;
        var bytes = new byte[29];
        Convert.FromHexString(parent.AsSpan(3, 32), bytes.AsSpan(2), out _, out _);
        bytes[18] = 1;
        Convert.FromHexString(parent.AsSpan(36, 16), bytes.AsSpan(19), out _, out _);
        bytes[27] = 2;
        Convert.FromHexString(parent.AsSpan(53, 2), bytes.AsSpan(28), out _, out _);
        return bytes;
    }
}

/// <summary>What <c>spec.tracing.samplingRate</c> makes of traces: not configured passes them on, "0" drops them from events, anything else adds spans.</summary>
internal enum TraceMode { PassOn, Off, On }

internal static class TraceModes
{
    public static TraceMode Of(DaprConfiguration configuration) => configuration.Spec.Text("tracing.samplingRate") switch
    {
        null or "" => TraceMode.PassOn,
        "0" or "0.0" => TraceMode.Off,
        _ => TraceMode.On,
    };

    /// <summary>The trace that a publish puts into its event.</summary>
    public static EventTrace ForEvent(this TraceMode mode, TraceContext call) => mode == TraceMode.Off ? EventTrace.None : new(call.Own, call.State);

    /// <summary>The traceparent of the app's call for an event; null for none.</summary>
    public static string? ForApp(this TraceMode mode, string? eventParent) => mode switch
    {
        TraceMode.Off => null,
        TraceMode.On => Traceparent.Create(Traceparent.IsValid(eventParent) ? eventParent! : "", sampled: true),
        _ => eventParent is { Length: > 0 } ? eventParent : null,
    };
}
