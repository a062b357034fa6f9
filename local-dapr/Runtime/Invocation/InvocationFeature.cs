using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// Service invocation (contract section 7): the sidecar's own app, apps of other sidecars of this process (called directly), apps of other processes
/// (found by name resolution), HTTPEndpoints and absolute URLs. Bodies stream both ways; one that a policy may have to repeat is kept, up to the body limit.
/// </summary>
internal sealed class InvocationFeature(SidecarContext context) : ISidecarFeature
{
    private readonly HttpMessageInvoker outside = context.Runtime.Shared(static _ => new OutsideHttp()).Invoker;
    private readonly InvocationMetrics metrics = new(context.Metrics);
    private readonly GrpcServices internalGrpc = new();
    private Dictionary<string, HttpEndpoint> endpoints = new(StringComparer.Ordinal);

    /// <summary>gRPC calls for the services of apps; set when the API is mapped.</summary>
    public GrpcProxy? Proxy { get; private set; }

    public AccessControl Access { get; } = new(context.Configuration);

    public async Task ApplyAsync(ResourceSet resources, CancellationToken cancellation)
    {
        var secrets = context.Features.OfType<ISecretSource>().FirstOrDefault();
        var next = new Dictionary<string, HttpEndpoint>(StringComparer.Ordinal);
        foreach (var document in resources.HttpEndpoints)
        {
            var endpoint = await HttpEndpoint.ReadAsync(document, secrets, cancellation);
            next[endpoint.Name] = endpoint;
        }
        endpoints = next;
    }

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        if (context.Configuration.IsHttpClosed("invoke", ApiRoutes.Stable))
            http.Fallback = static (call, _) => NotFoundAsync(call);
        else
            http.Fallback = (call, _) => HandleAsync(call);
        var service = new InvokeServiceHandler(Find);
        grpc.Unary(DaprMethods.InvokeService, service.HandleAsync);
        internalGrpc.Unary(DaprMethods.InvokeService, (request, call) => InvokeServiceHandler.ReceiveAsync(new AppCallee(context, null, context.Policies), request, call));
        internalGrpc.Fallback(call => GrpcProxy.ReceiveAsync(call, context));
        Proxy = new GrpcProxy(context, Find, outside);
    }

    public void Describe(JsonObject metadata)
    {
        if (endpoints.Count > 0)
            metadata["httpEndpoints"] = new JsonArray([.. endpoints.Keys.Select(name => (JsonNode)new JsonObject { ["name"] = name })]);
    }

    /// <summary>Serves a call of a sidecar in another process to this sidecar's app; its policies were applied over there.</summary>
    public async Task ReceiveAsync(HttpContext http, string caller)
    {
        try
        {
            Access.Demand(caller, http.RawPath(), http.Request.Method);
        }
        catch (ApiException refused) when (IsGrpc(http.Request))
        {
            await GrpcServices.FailAsync(http, new RpcException(StatusCode.Internal, refused.Message));
            return;
        }
        metrics.Received(caller);
        if (IsGrpc(http.Request))
        {
            await internalGrpc.HandleAsync(http);
            return;
        }
        await using var exchange = new HttpExchange(http, http.RawPath(), InternalPipeline.Trace(http));
        var callee = new AppCallee(context, null, context.Policies);
        using var place = await callee.EnterAsync(http.RequestAborted);
        using var response = await callee.SendAsync(exchange, http.RequestAborted);
        if (response is FinalAnswer)
            http.Response.Headers[InternalPipeline.FinalHeader] = "1";
        metrics.Answered(caller, (int)response.StatusCode);
        await exchange.RelayAsync(response, http.RequestAborted);
    }

    private static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("404 page not found");
    }

    private static ApiException Failed(string target, Exception failure) => failure as ApiException ?? new ApiException(
        500,
        StatusCode.Internal,
        "ERR_DIRECT_INVOKE",
        $"failed to invoke, id: {target}, err: {failure.Message}");

    private async Task HandleAsync(HttpContext http)
    {
        var address = InvokeAddress.Read(http.Request, http.RawPath())
            ?? throw new ApiException(404, StatusCode.NotFound, "ERR_DIRECT_INVOKE", "failed getting app id either from the URL path or the header dapr-app-id");
        var target = address.Target;
        var path = MethodPath.Clean(address.Path) ?? throw Failed(target, new FormatException($"invalid method {address.Path}"));
        if (http.Request.ContentLength > context.Options.MaxBodySize)
            throw new ApiException(413, StatusCode.ResourceExhausted, "ERR_DIRECT_INVOKE", "the request body is over the limit of --max-body-size");
        var callee = Find(target);
        await using var exchange = new HttpExchange(http, path, TraceContext.Of(http));
        var isRemote = callee is RemoteCallee or AppCallee { IsOwn: false };
        var started = context.Time.GetTimestamp();
        try
        {
            await RunAsync(callee, exchange);
        }
        catch (Exception failure)
        {
            await exchange.CloseAsync();
            if (exchange.HasAnswered || http.RequestAborted.IsCancellationRequested)
                return;
            if (exchange.BodyFailure is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
                throw new ApiException(413, StatusCode.ResourceExhausted, "ERR_DIRECT_INVOKE", "the request body is over the limit of --max-body-size");
            if ((exchange.BodyFailure ?? failure) is BadHttpRequestException broken)
                throw new ApiException(broken.StatusCode, StatusCode.InvalidArgument, "ERR_DIRECT_INVOKE", $"failed reading HTTP body: {broken.Message}");
            throw Failed(target, failure);
        }
        finally
        {
            if (isRemote && exchange.HasAnswered)
                metrics.Returned(target, http.Response.StatusCode, context.Time.GetElapsedTime(started));
        }
    }

    private static async Task RunAsync(Callee callee, HttpExchange exchange)
    {
        var aborted = exchange.Http.RequestAborted;
        var policy = callee.PolicyFor(exchange.Path);
        if (policy == Policy.None)
        {
            using var place = await callee.EnterAsync(aborted);
            using var response = await callee.SendAsync(exchange, aborted);
            await exchange.RelayAsync(response, aborted);
            return;
        }
        if (exchange.IsChunked)
            policy = policy.Once;
        else if (policy.Retries)
            await exchange.BufferAsync();
        try
        {
            await policy.ExecuteAsync(
                async token =>
                {
                    await exchange.AttemptAsync(callee, token);
                    return true;
                },
                aborted);
        }
        catch (AnswerException last)
        {
            using (last.Response)
                await exchange.RelayAsync(last.Response, aborted);
        }
    }

    /// <summary>Whom the name means. A name that nobody has throws.</summary>
    private Callee Find(string target)
    {
        if (endpoints.TryGetValue(target, out var endpoint))
            return new UrlCallee(endpoint.Name, endpoint.BaseUrl, endpoint.Headers, outside, context.Policies);
        if (Uri.TryCreate(target, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return new UrlCallee(target, target.TrimEnd('/'), HttpEndpoint.NoHeaders, outside, context.Policies);
        var appId = AppId(target);
        if (appId == context.Options.AppId)
            return new AppCallee(context, null, context.Policies);
        if (context.Runtime.Find(appId) is { } sidecar)
            return new AppCallee(sidecar.Context, context, context.Policies);
        if (context.Names is { } names)
            return new RemoteCallee(appId, names, context, outside);
        throw Failed(target, new InvalidOperationException($"couldn't find service: {appId}"));
    }

    /// <summary>App ids may carry a namespace; ours is the only one there is.</summary>
    private string AppId(string target)
    {
        var dot = target.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return target;
        var own = context.Options.Namespace.Length > 0 ? context.Options.Namespace : SidecarOptions.DefaultNamespace;
        return target.AsSpan(dot + 1).SequenceEqual(own) ? target[..dot] : throw Failed(target, new InvalidOperationException($"couldn't find service: {target}"));
    }
}
