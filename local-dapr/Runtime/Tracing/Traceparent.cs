using System.Diagnostics;

namespace LocalDapr.Runtime.Tracing;

/// <summary>The W3C header <c>traceparent</c>: <c>00-{32 hex}-{16 hex}-{2 hex}</c>.</summary>
public static class Traceparent
{
    private const int Length = 55;

    public static bool IsValid(string? text) =>
        text is { Length: >= Length } && ActivityContext.TryParse(text, null, out var context) && context.TraceId != default && context.SpanId != default;

    /// <summary>A new root, or a child of <paramref name="parent"/> in the same trace and with the same flags.</summary>
    public static string Create(string parent, bool sampled)
    {
        var span = ActivitySpanId.CreateRandom().ToHexString();
        return parent.Length >= Length
            ? string.Concat(parent.AsSpan(0, 36), span, parent.AsSpan(52, 3))
            : string.Concat($"00-{ActivityTraceId.CreateRandom().ToHexString()}-{span}-", sampled ? "01" : "00");
    }
}
