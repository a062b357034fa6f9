using Microsoft.Extensions.Configuration;
using Quayside.ServiceDefaults.Hosting;

namespace Quayside.ServiceDefaults.Authentication;

/// <summary>Sends http://APP-ID/path through the sidecar's invocation API.</summary>
internal sealed class SidecarHandler(IConfiguration configuration) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri ?? throw new InvalidOperationException("The request has no URI.");
        request.RequestUri = new Uri(Sidecar.Http(configuration), $"/v1.0/invoke/{target.Host}/method{target.PathAndQuery}");
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token) request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        return base.SendAsync(request, cancellationToken);
    }
}
