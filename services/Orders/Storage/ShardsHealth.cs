using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Quayside.Orders.Storage;

/// <summary>Ready while every shard can be read.</summary>
internal sealed class ShardsHealth(Shards shards) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        foreach (var store in shards.Stores)
            await store.ReadLastAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
