using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Quayside.Inventory.Catalogue;

internal sealed class CatalogueCheck(ProductCatalogue catalogue) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(catalogue.IsEmpty ? HealthCheckResult.Unhealthy("The products are not loaded yet.") : HealthCheckResult.Healthy());
}
