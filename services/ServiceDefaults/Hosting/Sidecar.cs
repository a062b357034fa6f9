using Microsoft.Extensions.Configuration;

namespace Quayside.ServiceDefaults.Hosting;

/// <summary>Where the app's own sidecar listens.</summary>
public static class Sidecar
{
    /// <summary>DAPR_HTTP_ENDPOINT, else 127.0.0.1 and DAPR_HTTP_PORT (3500).</summary>
    public static Uri Http(IConfiguration configuration) => configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint
        ? new Uri(endpoint)
        : new Uri($"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}");
}
