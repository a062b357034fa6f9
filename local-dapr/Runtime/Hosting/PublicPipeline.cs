using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The public port: metadata and health only, without a token.</summary>
internal sealed class PublicPipeline(ApiRoutes routes)
{
    public async Task HandleAsync(HttpContext http)
    {
        var path = http.RawPath();
        if ((path is "/v1.0/metadata" or "/v1.0/healthz" or "/v1.0/healthz/outbound" || path.StartsWith("/v1.0/metadata/", StringComparison.Ordinal))
            && routes.Match(http.Request.Method, path) is var (handler, values) && handler != routes.Fallback)
        {
            try
            {
                await handler(http, values);
            }
            catch (ApiException failure) when (!http.Response.HasStarted)
            {
                await http.WriteErrorAsync(failure);
            }
            return;
        }
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        await http.Response.WriteAsync("404 page not found");
    }
}
