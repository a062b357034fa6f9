using System.Buffers;
using System.Diagnostics.Metrics;
using Dapr;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Quayside.Caching;

public static class CachingExtensions
{
    /// <summary>The Dapr pub/sub component over which every replica hears; its consumer group is a new one for each process.</summary>
    private const string Broadcast = "broadcast";

    private const string Topic = "cache-invalidations";

    /// <summary>Seconds; what a replica has in memory is gone long before.</summary>
    private const string MessageLife = "600";

    /// <summary>A <see cref="HybridCache"/> and its <see cref="ICacheInvalidation"/>. The app also maps <see cref="MapCacheInvalidations"/>.</summary>
    /// <param name="services">Of the app.</param>
    /// <param name="store">The state store of the second level. None: memory only, right for documents of a state store, which are as near as a second level would be.</param>
    public static IServiceCollection AddMultiLevelCache(this IServiceCollection services, string? store = null)
    {
        if (store is not null)
            services.TryAddSingleton<ISecondLevel>(provider => new DaprSecondLevel(provider.GetRequiredService<DaprClient>(), store));
        services.TryAddSingleton<PublishInvalidation>(provider => (invalidation, cancellationToken) => PublishAsync(provider.GetRequiredService<DaprClient>(), invalidation, cancellationToken));
        return services
            .AddSingleton(provider => new MultiLevelCache(
                store is null ? null : provider.GetRequiredService<ISecondLevel>(), provider.GetRequiredService<PublishInvalidation>(),
                provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MultiLevelCache>>()))
            .AddSingleton<HybridCache>(provider => provider.GetRequiredService<MultiLevelCache>())
            .AddSingleton<ICacheInvalidation>(provider => provider.GetRequiredService<MultiLevelCache>());
    }

    /// <summary>Subscribes the replica to the invalidations of all. Only its own sidecar gets in. Whatever arrives is acknowledged: repeating it would not make it better.</summary>
    public static void MapCacheInvalidations(this IEndpointRouteBuilder app) =>
        app.MapPost("/events/cache-invalidations", HearAsync)
            .WithTopic(Broadcast, Topic)
            .RequireAuthorization("Dapr");

    private static async Task HearAsync(HttpContext context)
    {
        var body = await context.Request.BodyReader.ReadAtLeastAsync(MaxMessage, context.RequestAborted);
        var message = body.Buffer.Slice(0, Math.Min(body.Buffer.Length, MaxMessage)).ToArray();
        context.Request.BodyReader.AdvanceTo(body.Buffer.End);
        await context.RequestServices.GetRequiredService<MultiLevelCache>().HearAsync(message);
    }

    /// <summary>Bytes; more than any invalidation has.</summary>
    private const int MaxMessage = 4 << 10;

    private static Task PublishAsync(DaprClient dapr, Invalidation invalidation, CancellationToken cancellationToken) => dapr.PublishEventAsync(
        Broadcast, Topic, invalidation, new Dictionary<string, string> { ["ttlInSeconds"] = MessageLife, ["partitionKey"] = invalidation.Subject.Name }, cancellationToken);
}
