using System.Collections.Frozen;

namespace LocalDapr.Runtime.Invocation;

/// <summary>Headers that belong to one connection or to the sidecar itself and are not passed on.</summary>
internal static class HopHeaders
{
    public const string Caller = "dapr-caller-app-id";
    public const string CallerNamespace = "dapr-caller-namespace";
    public const string Callee = "dapr-callee-app-id";

    private static readonly FrozenSet<string> Hop = new[]
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Replaced = new[]
    {
        "host", "expect", "content-length", "traceparent", "tracestate", "baggage",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Ids = new[] { Caller, CallerNamespace, Callee }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that a Connection header lists, null when it lists none of interest.</summary>
    public static string[]? Listed(string connection) =>
        connection.Length == 0 || connection.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) ? null
        : connection.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static bool IsForRequest(string name, string[]? listed, bool withIds) =>
        !Hop.Contains(name) && !Replaced.Contains(name) && (withIds || !Ids.Contains(name)) && !IsListed(name, listed) && name[0] != ':';

    public static bool IsForResponse(string name, string[]? listed) => !Hop.Contains(name) && !IsListed(name, listed);

    private static bool IsListed(string name, string[]? listed) => listed is not null && listed.Contains(name, StringComparer.OrdinalIgnoreCase);
}
