using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Quayside.Caching;

/// <summary>
/// .NET's <see cref="HybridCache"/> over this process's memory: bounded, 30 s unless the entry says otherwise, one load at a time per
/// key, null is a value like any other, tags.
/// </summary>
public sealed class MultiLevelCache : HybridCache, IDisposable
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan DefaultLocalExpiration = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _local = new(new MemoryCacheOptions { SizeLimit = MaxEntries });
    private readonly ConcurrentDictionary<string, object> _flights = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _invalidTags = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _clock;

    private sealed record Entry(object? Value, string[] Tags, long Stamp);

    public override async ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (TryGet<T>(key, out var known))
            return known;
        // Whoever loads goes on when its first caller gives up: others wait for the same answer.
        var mine = new Lazy<Task<T>>(() => Task.Run(() => factory(state, CancellationToken.None).AsTask(), CancellationToken.None));
        var stamp = Interlocked.Increment(ref _clock);
        var flight = (Lazy<Task<T>>)_flights.GetOrAdd(key, mine);
        if (flight == mine)
            _ = LandAsync(key, mine, options, [.. tags ?? []], stamp);
        return await flight.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _flights.TryRemove(key, out _);
            Store(key, value, options, [.. tags ?? []], Interlocked.Increment(ref _clock));
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        // a load that began before this must not be stored after it
        lock (_gate)
        {
            _flights.TryRemove(key, out _);
            _local.Remove(key);
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        _invalidTags[tag] = Interlocked.Increment(ref _clock);
        return ValueTask.CompletedTask;
    }

    private async Task LandAsync<T>(string key, Lazy<Task<T>> flight, HybridCacheEntryOptions? options, string[] tags, long stamp)
    {
        await ((Task)flight.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var value = flight.Value.IsCompletedSuccessfully ? await flight.Value.ConfigureAwait(false) : default;
        lock (_gate)
        {
            if (_flights.TryRemove(KeyValuePair.Create(key, (object)flight)) && flight.Value.IsCompletedSuccessfully)
                Store(key, value, options, tags, stamp);
        }
    }

    private bool TryGet<T>(string key, out T value)
    {
        if (_local.TryGetValue<Entry>(key, out var entry) && entry is not null && !IsInvalid(entry))
        {
            value = (T)entry.Value!;
            return true;
        }
        value = default!;
        return false;
    }

    private bool IsInvalid(Entry entry) => entry.Tags.Any(tag => _invalidTags.TryGetValue(tag, out var since) && since > entry.Stamp);

    private void Store<T>(string key, T value, HybridCacheEntryOptions? options, string[] tags, long stamp) => _local.Set(
        key, new Entry(value, tags, stamp),
        new MemoryCacheEntryOptions
        {
            Size = 1,
            AbsoluteExpirationRelativeToNow = options?.LocalCacheExpiration ?? options?.Expiration ?? DefaultLocalExpiration,
        });

    public void Dispose() => _local.Dispose();
}
