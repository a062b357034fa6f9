using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Invocation;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Middleware;

/// <summary>
/// The components <c>middleware.http.uppercase</c>, <c>routeralias</c> and <c>routerchecker</c> in the order of the Configuration's <c>httpPipeline</c> (calls to
/// the API) and <c>appHttpPipeline</c> (calls to the app; only uppercase means anything there). A handler without its component is left out.
/// </summary>
internal sealed class MiddlewareFeature(SidecarContext context) : ISidecarFeature
{
    private readonly Dictionary<string, HttpMiddleware> loaded = new(StringComparer.Ordinal);

    /// <summary>Applied to every API call, in order; the first that answers ends the call.</summary>
    public HttpMiddleware[] Api { get; private set; } = [];

    /// <summary>True when bodies go to the app in upper case.</summary>
    public bool AppUppercase { get; private set; }

    public bool Loads(string componentType) => componentType is "middleware.http.uppercase" or "middleware.http.routeralias" or "middleware.http.routerchecker";

    public Task LoadAsync(Component component, CancellationToken cancellation)
    {
        loaded[component.Name] = component.Type switch
        {
            "middleware.http.uppercase" => Uppercase.HandleAsync,
            "middleware.http.routeralias" => new RouterAlias(component).HandleAsync,
            _ => new RouterChecker(component).HandleAsync,
        };
        return Task.CompletedTask;
    }

    public Task UnloadAsync(string componentName)
    {
        loaded.Remove(componentName);
        return Task.CompletedTask;
    }

    public Task ApplyAsync(ResourceSet resources, CancellationToken cancellation)
    {
        Api = [.. Handlers("httpPipeline").Select(name => loaded[name])];
        AppUppercase = Handlers("appHttpPipeline").Any(name => loaded[name] == Uppercase.HandleAsync);
        return Task.CompletedTask;
    }

    private IEnumerable<string> Handlers(string pipeline) =>
        context.Configuration.Spec.Items(pipeline + ".handlers").Select(h => h.Text("name") ?? "").Where(loaded.ContainsKey);
}

/// <summary>Looks at or changes one API call; false when it has answered it.</summary>
public delegate Task<bool> HttpMiddleware(HttpContext http);
