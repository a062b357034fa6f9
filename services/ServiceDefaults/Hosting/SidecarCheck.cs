using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Quayside.ServiceDefaults.Hosting;

/// <summary>Ready needs a sidecar whose components are loaded; the one thing every service depends on.</summary>
internal sealed class SidecarCheck(IHttpClientFactory clients, IConfiguration configuration) : IHealthCheck
{
    public const string Client = "sidecar-health";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = clients.CreateClient(Client);
            using var answer = await client.GetAsync(new Uri(Sidecar.Http(configuration), "/v1.0/healthz/outbound"), limit.Token);
            return answer.IsSuccessStatusCode ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy();
        }
    }
}
