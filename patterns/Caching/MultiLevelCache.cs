using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Quayside.Caching;

/// <summary>
/// .NET's <see cref="HybridCache"/>: memory (30 s), then what the replicas share (3,600 s), then the source. A hit in the second level
/// fills the first, a load fills both; one load at a time per key; null is a value like any other; tags.
/// </summary>
/// <param name="secondLevel">None: memory and source only. The flags of an entry can also leave it out.</param>
public sealed class MultiLevelCache(ISecondLevel? secondLevel, TimeProvider time, ILogger<MultiLevelCache> logger) : HybridCache, IDisposable
{
    private static readonly TimeSpan LocalExpiration = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SharedExpiration = TimeSpan.FromSeconds(3_600);
    private static readonly Meter Meter = new("Quayside.Caching");
    private static readonly Counter<long> Hits = Meter.CreateCounter<long>("cache.hits", description: "Answers by the level that gave them");

    private readonly LocalLevel _local = new();
    private readonly SharedLevel _shared = new(secondLevel, time, logger);
    private readonly ConcurrentDictionary<string, object> _flights = new(StringComparer.Ordinal);
    private readonly Lock _landing = new();

    private sealed record Loaded<T>(T Value, string[] Tags, long At, bool IsShared = false);

    public override async ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (!Has(options, HybridCacheEntryFlags.DisableLocalCacheRead) && _local.TryGet<T>(key, out var known))
        {
            Count("memory");
            return known;
        }
        // A load goes on when its first caller gives up: others wait for the same answer.
        string[] names = [.. tags ?? []];
        var mine = new Lazy<Task<Loaded<T>>>(() => Task.Run(() => LoadAsync(key, state, factory, options, names), CancellationToken.None));
        var flight = (Lazy<Task<Loaded<T>>>)_flights.GetOrAdd(key, mine);
        if (flight == mine)
            _ = LandAsync(key, mine, options);
        return (await flight.Value.WaitAsync(cancellationToken).ConfigureAwait(false)).Value;
    }

    public override async ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        var loaded = new Loaded<T>(value, [.. tags ?? []], Now);
        lock (_landing)
        {
            _flights.TryRemove(key, out _);
            StoreLocally(key, loaded, options);
        }
        await StoreSharedAsync(key, loaded, options).ConfigureAwait(false);
    }

    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_landing)
        {
            // a load that began before this must not be stored after it
            _flights.TryRemove(key, out _);
            _local.Remove(key);
        }
        await _shared.InvalidateAsync(key).ConfigureAwait(false);
    }

    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        _local.InvalidateTag(tag, Now);
        await _shared.InvalidateTagAsync(tag, SharedExpiration).ConfigureAwait(false);
    }

    private long Now => time.GetUtcNow().UtcTicks;

    private async Task<Loaded<T>> LoadAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options, string[] tags)
    {
        if (!Has(options, HybridCacheEntryFlags.DisableDistributedCacheRead)
            && await _shared.FindAsync<T>(key).ConfigureAwait(false) is { } shared)
        {
            Count("shared");
            return new(shared.Value!, shared.Tags, shared.At, IsShared: true);
        }
        var at = Now;
        var loaded = new Loaded<T>(await factory(state, CancellationToken.None).ConfigureAwait(false), tags, at);
        Count("source");
        return loaded;
    }

    private async Task LandAsync<T>(string key, Lazy<Task<Loaded<T>>> flight, HybridCacheEntryOptions? options)
    {
        await ((Task)flight.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var loaded = flight.Value.IsCompletedSuccessfully ? await flight.Value.ConfigureAwait(false) : null;
        lock (_landing)
        {
            if (!_flights.TryRemove(KeyValuePair.Create(key, (object)flight)) || loaded is null)
                return;
            StoreLocally(key, loaded, options);
        }
        await StoreSharedAsync(key, loaded, options).ConfigureAwait(false);
    }

    private void StoreLocally<T>(string key, Loaded<T> loaded, HybridCacheEntryOptions? options)
    {
        if (!Has(options, HybridCacheEntryFlags.DisableLocalCacheWrite))
            _local.Store(key, loaded.Value, loaded.Tags, loaded.At, options?.LocalCacheExpiration ?? LocalExpiration);
    }

    private Task StoreSharedAsync<T>(string key, Loaded<T> loaded, HybridCacheEntryOptions? options) =>
        loaded.IsShared || Has(options, HybridCacheEntryFlags.DisableDistributedCacheWrite)
            ? Task.CompletedTask
            : _shared.StoreAsync(key, new SharedEntry<T>(loaded.At, loaded.Tags, HasValue: true, loaded.Value), options?.Expiration ?? SharedExpiration);

    private static bool Has(HybridCacheEntryOptions? options, HybridCacheEntryFlags flag) => ((options?.Flags ?? 0) & flag) == flag;

    private static void Count(string level) => Hits.Add(1, new KeyValuePair<string, object?>("level", level));

    public void Dispose() => _local.Dispose();
}
