using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quayside.Caching;

namespace Quayside.Bench.CacheLoad;

/// <summary>Each hit beside the call that it cannot do without, by turns, so that what the machine does meanwhile is in both.</summary>
internal static class Levels
{
    private const int MemoryHits = 1_000_000;
    private const int Rounds = 10;

    /// <summary>As large as a price, or a profile.</summary>
    private sealed record Value(string ProductId, string Name, long Amount, string Currency, long Version) : IVersioned;

    private static readonly Value Mug = new("p-01", "Enamel mug", 1_290, "EUR", 7);
    private static readonly HybridCacheEntryOptions SharedOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    public static async Task RunAsync(string dapr, int hits, CancellationToken cancellation)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        await using var sidecar = await Sidecar.StartAsync(dapr, cancellation);
        using var cache = new MultiLevelCache(
            new DaprSecondLevel(sidecar.Client, Sidecar.Store), null, services.GetRequiredService<IMeterFactory>(), TimeProvider.System, NullLogger<MultiLevelCache>.Instance);
        using var bare = new MemoryCache(new MemoryCacheOptions { SizeLimit = 10_000 });

        await cache.SetAsync("product:p-01", Mug, cancellationToken: cancellation);
        bare.Set("product:p-01", Mug, new MemoryCacheEntryOptions { Size = 1 });
        List<double> memory = [], memoryBase = [];
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < MemoryHits; i++)
                await cache.GetOrCreateAsync("product:p-01", 0, static (_, _) => ValueTask.FromResult(Mug), cancellationToken: cancellation);
            var between = Stopwatch.GetTimestamp();
            for (var i = 0; i < MemoryHits; i++)
                bare.TryGetValue("product:p-01", out _);
            memory.Add(Stopwatch.GetElapsedTime(start, between).TotalNanoseconds / MemoryHits);
            memoryBase.Add(Stopwatch.GetElapsedTime(between).TotalNanoseconds / MemoryHits);
            // it lives for 30 s only
            await cache.SetAsync("product:p-01", Mug, cancellationToken: cancellation);
        }
        Console.WriteLine($"memory: {Median(memory):0} ns a hit, {Median(memoryBase):0} ns the MemoryCache alone; medians of {Rounds} rounds of {MemoryHits:n0}");

        List<double> shared = [], sharedBase = [];
        for (var i = -1_000; i < hits; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await cache.GetOrCreateAsync("product:p-01", 0, static (_, _) => ValueTask.FromException<Value>(new InvalidOperationException("a miss")), SharedOnly, cancellationToken: cancellation);
            var between = Stopwatch.GetTimestamp();
            await sidecar.Client.GetByteStateAndETagAsync(Sidecar.Store, "entry:product:p-01", cancellationToken: cancellation);
            if (i < 0)
                continue;
            shared.Add(Stopwatch.GetElapsedTime(start, between).TotalMicroseconds);
            sharedBase.Add(Stopwatch.GetElapsedTime(between).TotalMicroseconds);
        }
        Console.WriteLine($"second level: {Median(shared):0.0} µs a hit, {Median(sharedBase):0.0} µs the state call alone; medians of {hits:n0}");
    }

    private static double Median(List<double> of) => of.Order().ElementAt(of.Count / 2);
}
