namespace Quayside.Gateway.Routing;

/// <summary>Which app answers a request. The longest prefix wins; of equal ones the first in the table whose method fits.</summary>
public sealed class RouteTable(GatewayOptions options)
{
    private const int MaxBody = 1024 * 1024;
    private const string AnyParkingApp = "{app}";
    private readonly RouteLine[] routes = [.. options.Routes.Select(Checked).OrderByDescending(r => r.Prefix.Length)];

    /// <summary>Every app that a route leads to.</summary>
    public IEnumerable<string> Apps => options.Routes.Select(r => r.App).Where(app => app != AnyParkingApp).Concat(options.ParkedApps).Distinct(StringComparer.Ordinal);

    /// <returns>The route and the app id it leads to; null if no route leads there.</returns>
    public (RouteLine Route, string App)? Find(string method, PathString path)
    {
        foreach (var route in routes)
        {
            if (route.Methods.Count > 0 && !route.Methods.Contains(method)) continue;
            if (!path.StartsWithSegments(route.Prefix, StringComparison.OrdinalIgnoreCase, out var rest)) continue;
            if (route.Exact && rest.HasValue && rest != "/") continue;
            if (route.App != AnyParkingApp) return (route, route.App);
            var app = rest.Value?.Split('/', 3) is [_, var segment, ..] ? segment : "";
            return options.ParkedApps.Contains(app, StringComparer.Ordinal) ? (route, app) : null;
        }

        return null;
    }

    private static RouteLine Checked(RouteLine route) => route.MaxBody <= MaxBody
        ? route
        : throw new InvalidOperationException($"Gateway:Routes {route.Prefix}: MaxBody is {route.MaxBody}, the most is {MaxBody}.");
}
