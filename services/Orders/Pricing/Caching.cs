using Dapr.Client;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quayside.Caching;

namespace Quayside.Orders.Pricing;

internal static class CachingExtensions
{
    public static IServiceCollection AddCache(this IServiceCollection services)
    {
        services.TryAddSingleton<ISecondLevel>(provider => new DaprSecondLevel(provider.GetRequiredService<DaprClient>(), "cache-store"));
        return services.AddSingleton<HybridCache, MultiLevelCache>();
    }
}
