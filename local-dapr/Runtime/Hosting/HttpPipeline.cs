using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Metrics;
using LocalDapr.Runtime.Middleware;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Hosting;

/// <summary>What every HTTP call to the Dapr API passes through: metrics, trace, CORS, token, the Configuration's httpPipeline, then the route; errors as JSON.</summary>
internal sealed class HttpPipeline(SidecarContext context, ApiRoutes routes)
{
    public const string TokenHeader = "dapr-api-token";

    private readonly byte[]? token = context.Options.ApiToken is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;
    private readonly Cors? cors = Cors.Create(context.Options.AllowedOrigins);
    private readonly TraceReader traces = new(context.Configuration);
    private readonly MiddlewareFeature middleware = context.Feature<MiddlewareFeature>();
    private readonly HttpMetrics metrics = new(context.Metrics, ["dapr_http_server_request_count", "dapr_http_server_response_count"], "dapr_http_server_latency");

    public async Task HandleAsync(HttpContext http)
    {
        var started = Stopwatch.GetTimestamp();
        var path = http.RawPath();
        try
        {
            await AnswerAsync(http, path);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (BadHttpRequestException failure) when (failure.StatusCode == StatusCodes.Status413PayloadTooLarge && !http.Response.HasStarted)
        {
            await http.WriteErrorAsync(new ApiException(413, StatusCode.ResourceExhausted, "ERR_MALFORMED_REQUEST", "the request body is over the limit of --max-body-size"));
        }
        catch (BadHttpRequestException failure) when (!http.Response.HasStarted)
        {
            await http.WriteErrorAsync(new ApiException(failure.StatusCode, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", $"failed reading HTTP body: {failure.Message}"));
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            await http.WriteErrorAsync(ApiHttp.Unexpected(failure));
        }
        metrics.Record(http.Request.Method, path, http.Response.StatusCode, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static Task TextAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text);
    }

    private async Task AnswerAsync(HttpContext http, string path)
    {
        var isHealth = path is "/v1.0/healthz" or "/v1.0/healthz/outbound";
        if (!isHealth)
        {
            if (traces.Read(http.Request.Headers) is not { } trace)
            {
                await TextAsync(http, StatusCodes.Status400BadRequest, "invalid baggage");
                return;
            }
            http.Features.Set(trace);
            trace.Echo(http.Response);
        }
        if (cors?.Handle(http) == true)
            return;
        if (token is not null && !(isHealth && HttpMethods.IsGet(http.Request.Method))
            && !CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes(http.Request.Headers[TokenHeader].ToString())))
        {
            await TextAsync(http, StatusCodes.Status401Unauthorized, "invalid api token");
            return;
        }
        http.Request.Headers.Remove(TokenHeader);
        if (middleware.Api is { Length: > 0 } handlers)
        {
            foreach (var handler in handlers)
            {
                if (!await handler(http))
                    return;
            }
            path = http.RawPath();
        }
        if (routes.Match(http.Request.Method, path) is not var (route, values))
        {
            await TextAsync(http, StatusCodes.Status400BadRequest, $"invalid escape in the path {path}");
            return;
        }
        await route(http, values);
    }
}
