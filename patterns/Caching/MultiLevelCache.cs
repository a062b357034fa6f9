using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Quayside.Caching;

/// <summary>
/// .NET's <see cref="HybridCache"/>: memory (30 s), then what the replicas share (3,600 s), then the source. A hit in the second level
/// fills the first, a load fills both; one load at a time per key, its failure told to all who wait and not remembered; null is a value like any other; tags.
/// A load that was slower than an invalidation, or that took over 29 s, is given to who asked for it and kept nowhere.
/// </summary>
public sealed class MultiLevelCache : HybridCache, ICacheInvalidation, IDisposable
{
    /// <summary>No entry lives longer, whatever its options ask for.</summary>
    internal static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(3_600);

    internal static readonly TimeSpan MarkerLife = TimeSpan.FromSeconds(30);

    /// <summary>A later load may miss a marker that has ended.</summary>
    private static readonly TimeSpan LongestLoad = MarkerLife - TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LocalExpiration = TimeSpan.FromSeconds(30);

    private readonly CacheMetrics _metrics;
    private readonly LocalLevel _local;
    private readonly SharedLevel _shared;
    private readonly InvalidationDelivery _delivery;
    private readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly Lock _landing = new();
    private readonly TimeProvider _time;

    /// <param name="secondLevel">None: memory and source only. The flags of an entry can also leave it out.</param>
    /// <param name="publish">None: there are no other replicas.</param>
    /// <param name="meters">For the meter Quayside.Caching.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of a second level or a broker that is down.</param>
    public MultiLevelCache(ISecondLevel? secondLevel, PublishInvalidation? publish, IMeterFactory meters, TimeProvider time, ILogger<MultiLevelCache> logger)
    {
        _time = time;
        _metrics = new(meters);
        _local = new(time, MarkerLife);
        _shared = new(secondLevel, _metrics, time, logger);
        _delivery = new(_shared, publish, Settle, () => _local.OutdateAll(new(0, Now, NewId())), _metrics, time, logger);
    }

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (!Has(options, HybridCacheEntryFlags.DisableLocalCacheRead) && _local.TryGet<T>(key, out var known))
        {
            _metrics.Hit("memory");
            return new(known);
        }
        return MissAsync(key, state, factory, options, tags, cancellationToken);
    }

    private async ValueTask<T> MissAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        string[] names = tags is null ? [] : [.. tags];
        if (!IsCacheable(key, names))
            return Has(options, HybridCacheEntryFlags.DisableUnderlyingData) ? default! : await LoadAsync(state, factory, cancellationToken).ConfigureAwait(false);
        if (Has(options, HybridCacheEntryFlags.DisableUnderlyingData))
            return (await FindSharedAsync<T>(key, options, _local.Count).ConfigureAwait(false)).Found is { } found ? found.Value : default!;

        var mine = new Flight<T>(names);
        var inTheAir = _flights.GetOrAdd(key, mine);
        if (inTheAir is not Flight<T> flight)
            return await LoadAsync(state, factory, cancellationToken).ConfigureAwait(false);
        // A load goes on when its first caller gives up: others wait for the same answer.
        if (flight == mine)
            _ = FlyAsync(key, mine, state, factory, options);
        return await flight.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        string[] names = tags is null ? [] : [.. tags];
        if (!IsCacheable(key, names))
            return;
        var loaded = new Loaded<T>(value, names, Stamp.Of(value, Now), _local.Count, 0);
        _flights.TryRemove(key, out _);
        var seen = WritesShared(options) ? await _shared.ReadAsync(CacheKey.OfEntry(key)).ConfigureAwait(false) : default;
        var (isNewest, size) = await StoreSharedAsync(key, loaded, seen, options).ConfigureAwait(false);
        lock (_landing)
        {
            // a load that began before this must not be stored after it
            _flights.TryRemove(key, out _);
            if (isNewest)
                StoreLocally(key, loaded with { Size = size }, options);
        }
    }

    /// <summary>In this replica and in what the replicas share; those that have it in memory keep it for at most 30 s. <see cref="ICacheInvalidation"/> reaches them too.</summary>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => InvalidateAsync(Key(key, null), isHeard: true);

    /// <inheritdoc cref="RemoveAsync(string, CancellationToken)"/>
    /// <exception cref="NotSupportedException">For the tag <c>*</c>, which elsewhere means everything.</exception>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => InvalidateAsync(Tag(tag), isHeard: true);

    public ValueTask InvalidateAsync(string key, long? version = null) => InvalidateAsync(Key(key, version), isHeard: false);

    public ValueTask InvalidateTagAsync(string tag) => InvalidateAsync(Tag(tag), isHeard: false);

    /// <summary>Another replica says so. It may be late, a repetition, or about what nobody here has.</summary>
    internal ValueTask HearAsync(ReadOnlyMemory<byte> message)
    {
        if (Invalidation.Parse(message) is not { } told)
        {
            _metrics.Invalidation("unknown");
            return default;
        }
        // A clock that is ahead must not invalidate what is loaded from now on.
        return InvalidateAsync(told with { At = Math.Min(told.At, Now) }, isHeard: true, isMessage: true);
    }

    private async ValueTask InvalidateAsync(Invalidation invalidation, bool isHeard, bool isMessage = false)
    {
        if (!CacheKey.IsValid(invalidation.Subject.Name))
            return;
        bool isNew;
        lock (_landing)
        {
            isNew = _local.Invalidate(invalidation);
            if (isNew)
                Recall(invalidation);
        }
        if (isMessage)
            _metrics.Invalidation(isNew ? "heard" : "repeated");
        if (isNew || !isMessage)
            await _delivery.DeliverAsync(invalidation, isHeard).ConfigureAwait(false);
    }

    /// <summary>Loads in the air may bring what is old: who has asked gets it, who asks from now on does not, and it is not stored.</summary>
    private void Recall(Invalidation invalidation)
    {
        if (invalidation.Key is { } key)
            _flights.TryRemove(key, out _);
        else
        {
            foreach (var (tagged, _) in _flights.Where(flight => flight.Value.Tags.Contains(invalidation.Tag!)))
                _flights.TryRemove(tagged, out _);
        }
    }

    private void Settle(Invalidation invalidation)
    {
        lock (_landing)
            _local.Settle(invalidation);
    }

    /// <summary>No load is in the air: for tests, that wait for it.</summary>
    internal bool IsIdle => _flights.IsEmpty;

    private long Now => _time.GetUtcNow().UtcTicks;

    private Invalidation Key(string key, long? version) =>
        version is <= 0 ? throw new ArgumentOutOfRangeException(nameof(version), "Versions count from 1.") : new(key, null, version ?? 0, Now, version is null ? NewId() : null);

    private Invalidation Tag(string tag) =>
        tag == "*" ? throw new NotSupportedException("The tag * for everything is not supported: give the entries a tag of their own.") : new(null, tag, 0, Now, NewId());

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static bool IsCacheable(string key, string[] tags) => CacheKey.IsValid(key) && Array.TrueForAll(tags, CacheKey.IsValid);

    private sealed record Loaded<T>(T Value, string[] Tags, Stamp Stamp, long Began, int Size);

    private async Task FlyAsync<TState, T>(
        string key, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options)
    {
        try
        {
            // the flight before this one may have landed since its caller looked
            if (!Has(options, HybridCacheEntryFlags.DisableLocalCacheRead) && _local.TryGet<T>(key, out var landed))
            {
                _flights.TryRemove(KeyValuePair.Create(key, (Flight)flight));
                flight.Succeed(landed);
                return;
            }
            var (start, began, now) = (_time.GetTimestamp(), _local.Count, Now);
            var (found, seen) = await FindSharedAsync<T>(key, options, began).ConfigureAwait(false);
            var loaded = found;
            if (loaded is null)
            {
                var value = await LoadAsync(state, factory, CancellationToken.None).ConfigureAwait(false);
                loaded = new(value, flight.Tags, Stamp.Of(value, now), began, 0);
            }
            flight.Succeed(loaded.Value);
            await LandAsync(key, flight, loaded, found is not null, seen, start, options).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever it is, those who wait are told
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _flights.TryRemove(KeyValuePair.Create(key, (Flight)flight));
            flight.Fail(failure);
        }
    }

    private async ValueTask<(Loaded<T>? Found, SharedRead Seen)> FindSharedAsync<T>(string key, HybridCacheEntryOptions? options, long began)
    {
        var isWanted = !Has(options, HybridCacheEntryFlags.DisableDistributedCacheRead);
        if (!_shared.IsThere || !isWanted && !WritesShared(options))
            return default;
        var seen = await _shared.ReadAsync(CacheKey.OfEntry(key)).ConfigureAwait(false);
        if (!isWanted || seen.Entry is not { IsMarker: false } entry || IsOutdated(key, entry))
            return (null, seen);
        if (!entry.TryRead<T>(seen.Bytes.Span, out var value))
        {
            _metrics.SharedFailed("parse");
            return (null, seen);
        }
        if (await _shared.HasInvalidTagAsync(entry).ConfigureAwait(false))
            return (null, seen);
        _metrics.Hit("shared");
        return (new(value, entry.Tags ?? [], entry.Stamp, began, seen.Bytes.Length), seen);
    }

    private bool IsOutdated(string key, SharedEntry entry)
    {
        lock (_landing)
            return _local.Outdates(key, entry);
    }

    private async ValueTask<T> LoadAsync<TState, T>(TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var isSuccess = false;
        try
        {
            var value = await factory(state, cancellationToken).ConfigureAwait(false);
            isSuccess = true;
            return value;
        }
        finally
        {
            _metrics.Loaded(_time.GetElapsedTime(start), isSuccess);
        }
    }

    private async Task LandAsync<T>(
        string key, Flight<T> flight, Loaded<T> loaded, bool isShared, SharedRead seen, long start, HybridCacheEntryOptions? options)
    {
        var isNewest = _time.GetElapsedTime(start) < LongestLoad;
        // First the second level: it knows of invalidations that this replica has not heard of yet.
        if (isNewest && !isShared && _flights.TryGetValue(key, out var now) && now == flight)
        {
            (isNewest, var size) = await StoreSharedAsync(key, loaded, seen, options).ConfigureAwait(false);
            loaded = loaded with { Size = size };
        }
        lock (_landing)
        {
            if (isNewest && _flights.TryGetValue(key, out var still) && still == flight)
                StoreLocally(key, loaded, options);
            _flights.TryRemove(KeyValuePair.Create(key, (Flight)flight));
        }
    }

    private void StoreLocally<T>(string key, Loaded<T> loaded, HybridCacheEntryOptions? options)
    {
        if (!Has(options, HybridCacheEntryFlags.DisableLocalCacheWrite))
            _local.Store(key, loaded.Value, loaded.Tags, loaded.Stamp, loaded.Began, loaded.Size, Shorter(options?.LocalCacheExpiration ?? LocalExpiration, LongestLife));
    }

    private async ValueTask<(bool IsNewest, int Size)> StoreSharedAsync<T>(string key, Loaded<T> loaded, SharedRead seen, HybridCacheEntryOptions? options)
    {
        if (!seen.IsKnown || !WritesShared(options))
            return (true, 0);
        byte[] bytes;
        try
        {
            bytes = SharedEntry.Value(loaded.Value, loaded.Stamp, loaded.Tags);
        }
#pragma warning disable CA1031 // converters throw what they like; a value that has no bytes is kept in memory only
        catch (Exception)
#pragma warning restore CA1031
        {
            _metrics.SharedFailed("write");
            return (true, 0);
        }
        var life = Shorter(options?.Expiration ?? LongestLife, LongestLife);
        return (await _shared.TryStoreAsync(CacheKey.OfEntry(key), seen, loaded.Stamp, bytes, life).ConfigureAwait(false), bytes.Length);
    }

    private bool WritesShared(HybridCacheEntryOptions? options) => _shared.IsThere && !Has(options, HybridCacheEntryFlags.DisableDistributedCacheWrite);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static bool Has(HybridCacheEntryOptions? options, HybridCacheEntryFlags flag) => ((options?.Flags ?? 0) & flag) == flag;

    public void Dispose()
    {
        _delivery.Dispose();
        _local.Dispose();
    }
}
