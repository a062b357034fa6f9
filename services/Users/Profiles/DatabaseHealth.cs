using Microsoft.Extensions.Diagnostics.HealthChecks;
using Quayside.EventSourcing;

namespace Quayside.Users.Profiles;

/// <summary>Ready while the database can be read.</summary>
internal sealed class DatabaseHealth(EventStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await store.ReadLastAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
