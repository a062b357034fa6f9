namespace LocalDapr.Runtime.Api;

/// <summary>Handles one API call; throws <see cref="ApiException"/> for every refusal.</summary>
public delegate Task ApiHandler(HttpContext http, RouteValues route);

/// <summary>The decoded captures of a route template.</summary>
public readonly struct RouteValues(IReadOnlyList<(string Name, string Value)> values)
{
    public string this[string name] => values.First(v => v.Name == name).Value;
}

/// <summary>
/// The HTTP routes of one sidecar. A template is what follows the version, such as <c>state/{store}/{key}</c>; <c>{name...}</c> takes the rest.
/// A path or verb that nothing matches belongs to the fallback: Dapr gives every such request to service invocation, there is no bare 404 or 405.
/// </summary>
public sealed class ApiRoutes
{
    public const string Stable = "v1.0";

    private readonly Dictionary<string, List<Route>> byHead = new(StringComparer.Ordinal);

    public ApiHandler Fallback { get; set; } = static (_, _) => throw new ApiException(404, Protocol.Grpc.StatusCode.NotFound, "ERR_DIRECT_INVOKE",
        "failed getting app id either from the URL path or the header dapr-app-id");

    /// <param name="group">The name by which <c>spec.api.allowed</c> and <c>denied</c> know the route (contract section 8).</param>
    /// <param name="methods">HTTP verbs, comma separated; <c>*</c> for any.</param>
    /// <param name="template">The path behind the version.</param>
    /// <param name="handler">Called with the decoded captures.</param>
    /// <param name="versions">API versions; v1.0 when none is given.</param>
    public void Map(string group, string methods, string template, ApiHandler handler, params string[] versions)
    {
        foreach (var version in versions.Length == 0 ? [Stable] : versions)
        {
            var segments = template.Split('/');
            var head = version + "/" + segments[0];
            if (!byHead.TryGetValue(head, out var routes))
                byHead[head] = routes = [];
            routes.Add(new Route(group, version, methods == "*" ? null : methods.Split(','), segments, handler));
            routes.Sort(static (a, b) => b.Literals.CompareTo(a.Literals));
        }
    }

    /// <summary>Every verb and path template, version in front, for whoever goes through all of them.</summary>
    public IEnumerable<(string Method, string Template)> All =>
        from route in byHead.Values.SelectMany(routes => routes)
        from method in route.Methods ?? [HttpMethods.Get, HttpMethods.Post]
        select (method, $"{route.Version}/{string.Join('/', route.Segments)}");

    /// <summary>Drops the routes that the Configuration's API lists close.</summary>
    public void RemoveWhere(Func<string, string, bool> isClosed)
    {
        foreach (var routes in byHead.Values)
            routes.RemoveAll(r => isClosed(r.Group, r.Version));
    }

    /// <summary>The handler for a raw request path. Returns null when a capture holds a broken percent escape.</summary>
    public (ApiHandler Handler, RouteValues Values)? Match(string method, string rawPath)
    {
        var segments = rawPath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length >= 2 && byHead.TryGetValue(segments[0] + "/" + segments[1], out var routes))
        {
            foreach (var route in routes)
            {
                if (!route.Takes(method) || !route.TryBind(segments.AsSpan(1), out var raw))
                    continue;
                var values = new (string, string)[raw.Count];
                for (var i = 0; i < values.Length; i++)
                {
                    if (!PathText.TryUnescape(raw[i].Value, out var text))
                        return null;
                    values[i] = (raw[i].Name, text);
                }
                return (route.Handler, new RouteValues(values));
            }
        }
        return (Fallback, new RouteValues([]));
    }

    private sealed record Route(string Group, string Version, string[]? Methods, string[] Segments, ApiHandler Handler)
    {
        public int Literals { get; } = Segments.Count(s => s[0] != '{');

        public bool Takes(string method) => Methods is null || Array.IndexOf(Methods, method) >= 0;

        public bool TryBind(ReadOnlySpan<string> path, out List<(string Name, string Value)> values)
        {
            values = [];
            for (var i = 0; i < Segments.Length; i++)
            {
                var segment = Segments[i];
                if (segment.EndsWith("...}", StringComparison.Ordinal))
                {
                    if (i >= path.Length)
                        return false;
                    values.Add((segment[1..^4], string.Join('/', path[i..]!)));
                    return true;
                }
                if (i >= path.Length)
                    return false;
                if (segment[0] == '{')
                    values.Add((segment[1..^1], path[i]));
                else if (segment != path[i])
                    return false;
            }
            return path.Length == Segments.Length;
        }
    }
}
