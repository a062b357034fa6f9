using System.Globalization;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// The path of an invoked method. Escapes pass as they came (Dapr decodes them once and loses the difference between <c>/</c> and <c>%2F</c>);
/// dot segments are resolved and never leave the root.
/// </summary>
internal static class MethodPath
{
    /// <summary>The path with its leading slash; null for broken escapes and for <c>#</c>, <c>?</c>, NUL and control characters in any form.</summary>
    public static string? Clean(string raw)
    {
        var path = raw.StartsWith('/') ? raw : "/" + raw;
        var hasDots = path.Contains("/.", StringComparison.Ordinal);
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '%')
            {
                if (i + 2 >= path.Length || !byte.TryParse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                    return null;
                c = (char)code;
                hasDots |= c == '.';
            }
            if (c is '#' or '?' or '\x7f' || c < ' ')
                return null;
        }
        return Escaped(hasDots ? Resolve(path) : path);
    }

    /// <summary>A method and a query that came over gRPC may hold what a request line cannot: the end of that line is the worst of it.</summary>
    public static string Escaped(string path) => path.AsSpan().ContainsAnyExceptInRange('!', '~')
        ? string.Concat(path.EnumerateRunes().Select(r => r.Value is >= '!' and <= '~' ? r.ToString() : Uri.EscapeDataString(r.ToString())))
        : path;

    private static string Resolve(string path)
    {
        var kept = new List<string>();
        var segments = path[1..].Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            switch (segments[i].Replace("%2e", ".", StringComparison.OrdinalIgnoreCase))
            {
                case ".":
                    break;
                case "..":
                    if (kept.Count > 0)
                        kept.RemoveAt(kept.Count - 1);
                    break;
                default:
                    kept.Add(segments[i]);
                    continue;
            }
            if (i == segments.Length - 1)
                kept.Add("");
        }
        return "/" + string.Join('/', kept);
    }
}
