using System.Security.Cryptography;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Workflows.Engine;

/// <summary>The W3C trace context of workflows: what a workflow schedules belongs to its own span, whose id is in ExecutionStarted.</summary>
internal static class Spans
{
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>The parent of what the workflow schedules; null when its start was not traced.</summary>
    public static TraceContext? Below(ExecutionStartedEvent started)
    {
        if (started.ParentTraceContext is not { } parent || started.WorkflowSpanID is not { Length: 16 } span || !IsTraceParent(parent.TraceParent))
            return null;
        var below = string.Concat(parent.TraceParent.AsSpan(0, 36), span, parent.TraceParent.AsSpan(52));
        return new() { TraceParent = below, SpanID = span, TraceState = parent.TraceState };
    }

    public static bool IsTraceParent(string? text) => text is { Length: >= 55 } && text[2] == '-' && text[35] == '-' && text[52] == '-';
}
