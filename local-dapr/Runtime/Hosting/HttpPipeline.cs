using System.Security.Cryptography;
using System.Text;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Hosting;

/// <summary>What every HTTP call to the Dapr API passes through: token, then the route, errors as JSON.</summary>
internal sealed class HttpPipeline(SidecarContext context, ApiRoutes routes)
{
    public const string TokenHeader = "dapr-api-token";

    private readonly byte[]? token = context.Options.ApiToken is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            var path = http.RawPath();
            if (!IsAdmitted(http, path))
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                http.Response.ContentType = "text/plain; charset=utf-8";
                await http.Response.WriteAsync("invalid api token");
                return;
            }
            http.Request.Headers.Remove(TokenHeader);
            if (routes.Match(http.Request.Method, path) is not var (handler, values))
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                await http.Response.WriteAsync($"invalid escape in the path {path}");
                return;
            }
            await handler(http, values);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (BadHttpRequestException failure) when (failure.StatusCode == StatusCodes.Status413PayloadTooLarge && !http.Response.HasStarted)
        {
            await http.WriteErrorAsync(new ApiException(413, StatusCode.ResourceExhausted, "ERR_MALFORMED_REQUEST", "the request body is over the limit of --max-body-size"));
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            await http.WriteErrorAsync(ApiHttp.Unexpected(failure));
        }
    }

    private bool IsAdmitted(HttpContext http, string path) =>
        token is null
        || (http.Request.Method == "GET" && path is "/v1.0/healthz" or "/v1.0/healthz/outbound")
        || CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes(http.Request.Headers[TokenHeader].ToString()));
}
