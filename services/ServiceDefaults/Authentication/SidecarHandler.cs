using Microsoft.Extensions.Configuration;

namespace Quayside.ServiceDefaults.Authentication;

/// <summary>Sends http://APP-ID/path through the sidecar's invocation API.</summary>
internal sealed class SidecarHandler(IConfiguration configuration) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri ?? throw new InvalidOperationException("The request has no URI.");
        var sidecar = configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint
            ? new Uri(endpoint)
            : new Uri($"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}");
        request.RequestUri = new Uri(sidecar, $"/v1.0/invoke/{target.Host}/method{target.PathAndQuery}");
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token) request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        return base.SendAsync(request, cancellationToken);
    }
}
