namespace Quayside.Gateway.Routing;

/// <summary>Which app answers a request. The prefix of most segments wins; of equal ones the first in the table whose method fits.</summary>
public sealed class RouteTable(GatewayOptions options)
{
    private const int MaxBody = 1024 * 1024;
    private const string ParkingApp = "{app}";
    private readonly Entry[] routes = [.. options.Routes.Select(route => new Entry(Checked(route), Segments(route.Prefix))).OrderByDescending(entry => entry.Prefix.Length)];

    /// <summary>Every app that a route leads to.</summary>
    public IEnumerable<string> Apps => options.Routes.Select(r => r.App).Where(app => app != ParkingApp).Concat(options.ParkedApps).Distinct(StringComparer.Ordinal);

    /// <returns>The route and the app id it leads to; null if no route leads there.</returns>
    public (RouteLine Route, string App)? Find(string method, PathString path)
    {
        var segments = Segments(path.Value ?? "");
        foreach (var (route, prefix) in routes)
        {
            if (route.Methods.Count > 0 && !route.Methods.Contains(method)) continue;
            if (segments.Length < prefix.Length || (route.Exact && segments.Length > prefix.Length)) continue;
            if (!prefix.Zip(segments).All(pair => IsAny(pair.First) || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase))) continue;
            if (route.App != ParkingApp) return (route, route.App);
            var app = segments[Array.IndexOf(prefix, ParkingApp)];
            return options.ParkedApps.Contains(app, StringComparer.Ordinal) ? (route, app) : null;
        }

        return null;
    }

    private static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsAny(string segment) => segment.StartsWith('{');

    private static RouteLine Checked(RouteLine route) => route switch
    {
        { MaxBody: > MaxBody } => throw new InvalidOperationException($"Gateway:Routes {route.Prefix}: MaxBody is {route.MaxBody}, the most is {MaxBody}."),
        { App: ParkingApp } when !Segments(route.Prefix).Contains(ParkingApp) =>
            throw new InvalidOperationException($"Gateway:Routes {route.Prefix}: no segment {ParkingApp} that would name the app."),
        _ => route,
    };

    private sealed record Entry(RouteLine Route, string[] Prefix);
}
