using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Middleware;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.Invocation;

/// <summary>An app of this process: the sidecar's own (<paramref name="caller"/> null), or that of another sidecar, called directly.</summary>
internal sealed class AppCallee(SidecarContext callee, SidecarContext? caller, Policies policies) : Callee
{
    private readonly AppChannel app = callee.App;

    public bool IsOwn => caller is null;

    public AppChannel Channel => app;

    public override Policy PolicyFor(string path) => policies.ForApp(callee.Options.AppId, path);

    public override ValueTask<AppChannel.Place> EnterAsync(CancellationToken cancellation) => app.EnterAsync(cancellation);

    public override async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, CancellationToken cancellation)
    {
        Demand(exchange.Path, exchange.Http.Request.Method);
        if (callee.Feature<MiddlewareFeature>().AppUppercase)
            exchange.Replace(Uppercase.Apply(await exchange.ReadBodyAsync()));
        if (app.IsGrpc)
            return await GrpcAppCall.SendAsync(callee, caller, exchange, cancellation);
        using var request = exchange.CreateRequest(app.Address, app.HttpVersion, withIds: caller is null);
        if (caller is not null)
            CallerHeaders.Write(request.Headers, caller.Options, callee.Options.AppId);
        return await app.SendPlacedAsync(request, cancellation);
    }

    public override async Task<ServiceAnswer> InvokeAsync(ServiceCall call, CancellationToken cancellation)
    {
        Demand(call.Path, call.Message.HttpExtension?.Verb.ToString() ?? "POST");
        if (app.IsGrpc)
            return await GrpcAppCall.InvokeAsync(callee, caller, call, cancellation);
        using var request = call.CreateRequest(app.Address, app.HttpVersion, withIds: caller is null);
        if (caller is not null)
            CallerHeaders.Write(request.Headers, caller.Options, callee.Options.AppId);
        using var response = await app.SendPlacedAsync(request, cancellation);
        return await ServiceAnswer.ReadAsync(response, cancellation);
    }

    /// <summary>Refuses quickly what the app could not serve or may not be asked.</summary>
    public void Demand(string path, string method, bool evenUnhealthy = false)
    {
        if (!app.Exists)
            throw new InvalidOperationException("app channel is not initialized");
        if (callee.Options.EnableAppHealthCheck && !app.IsHealthy && !evenUnhealthy)
            throw new InvalidOperationException("app is not in a healthy state");
        if (caller is not null)
            callee.Feature<InvocationFeature>().Access.Demand(caller.Options.AppId, path, method);
    }
}

/// <summary>Who calls whom, on every leg between two apps. What the client sent under these names never gets here.</summary>
internal static class CallerHeaders
{
    public static void Write(System.Net.Http.Headers.HttpRequestHeaders headers, SidecarOptions caller, string callee)
    {
        headers.TryAddWithoutValidation(HopHeaders.Caller, caller.AppId);
        headers.TryAddWithoutValidation(HopHeaders.CallerNamespace, caller.Namespace.Length > 0 ? caller.Namespace : SidecarOptions.DefaultNamespace);
        headers.TryAddWithoutValidation(HopHeaders.Callee, callee);
        headers.TryAddWithoutValidation("X-Forwarded-For", "127.0.0.1");
        headers.TryAddWithoutValidation("X-Forwarded-Host", "localhost");
        headers.TryAddWithoutValidation("Forwarded", "for=127.0.0.1;by=127.0.0.1;host=localhost");
    }
}
