using Microsoft.Extensions.Logging;

namespace Quayside.Caching;

/// <summary>What was read under a key.</summary>
/// <param name="IsKnown">False: the second level did not answer, so nothing may be written over what it holds.</param>
/// <param name="Entry">Null if there is nothing, or nothing that can be read.</param>
internal readonly record struct SharedRead(bool IsKnown, ReadOnlyMemory<byte> Bytes, string ETag, SharedEntry? Entry);

/// <summary>The second level as the cache uses it: quick or not at all, and never an error. Every write is a compare-and-set against what the writer knows.</summary>
internal sealed partial class SharedLevel(ISecondLevel? store, CacheMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>Slower than this a second level is worth nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private const int MostRaces = 5;

    private readonly Breaker _breaker = new(time);

    public bool IsThere => store is not null;

    public async ValueTask<SharedRead> ReadAsync(string key)
    {
        var (isDone, read) = await CallAsync("read", key, static (store, key, token) => store.GetAsync(key, token)).ConfigureAwait(false);
        if (!isDone)
            return default;
        var entry = read.Value.IsEmpty ? null : SharedEntry.Parse(read.Value.Span);
        if (entry is null && !read.Value.IsEmpty)
            metrics.SharedFailed("parse");
        return new(true, read.Value, read.ETag ?? "", entry);
    }

    /// <summary>Whether a tag was invalidated after the entry was loaded. A tag that cannot be read counts as invalid.</summary>
    public async ValueTask<bool> HasInvalidTagAsync(SharedEntry entry)
    {
        if (entry.Tags is not { } tags)
            return false;
        var markers = await Task.WhenAll(tags.Select(tag => ReadAsync(CacheKey.OfTag(tag)).AsTask())).ConfigureAwait(false);
        return markers.Any(marker => !marker.IsKnown || marker.Entry is { } tag && entry.Stamp.IsOutdatedBy(tag.Stamp));
    }

    /// <param name="key">Of the entry.</param>
    /// <param name="seen">What was there when the load began.</param>
    /// <param name="mine">Of the new value.</param>
    /// <param name="bytes">The new value.</param>
    /// <param name="timeToLive">How long it may stay.</param>
    /// <returns>False if something newer is there, or something that may be: then the value belongs in no level.</returns>
    public async ValueTask<bool> TryStoreAsync(string key, SharedRead seen, Stamp mine, ReadOnlyMemory<byte> bytes, TimeSpan timeToLive)
    {
        // Jitter only shortens: a value is never older than promised, and entries of one moment do not end in one moment.
        var life = timeToLive * (1 - 0.1 * Random.Shared.NextDouble());
        for (var race = 0; race < MostRaces && seen.IsKnown; race++)
        {
            if (seen.Entry is { } there)
            {
                var bothVersioned = there.Version > 0 && mine.Version > 0;
                if (bothVersioned && mine.Version < there.Version)
                    return false;
                // Somebody wrote after the load began: without versions to tell, his is the newer one.
                if (race > 0 && (!bothVersioned || there.Id is not null))
                    return false;
                if (race > 0 && !there.IsMarker && mine.Version == there.Version)
                    return true;
            }
            var (isDone, isSet) = await WriteAsync(key, bytes, seen.ETag, life).ConfigureAwait(false);
            if (!isDone || isSet)
                return true;
            seen = await ReadAsync(key).ConfigureAwait(false);
        }
        return true;
    }

    /// <summary>Leaves a marker unless what is there is newer or says the same.</summary>
    /// <returns>False if the second level could not be brought to it; it may still hold an older value.</returns>
    public async ValueTask<bool> TryInvalidateAsync(string key, Stamp stamp, TimeSpan timeToLive)
    {
        if (store is null)
            return true;
        for (var race = 0; race < MostRaces; race++)
        {
            var seen = await ReadAsync(key).ConfigureAwait(false);
            if (!seen.IsKnown)
                return false;
            if (seen.Entry is { } there && (there.IsMarker ? there.Stamp.Covers(stamp) : !there.Stamp.IsOutdatedBy(stamp)))
                return true;
            var marker = SharedEntry.Marker(seen.Entry is { IsMarker: true } older ? older.Stamp.With(stamp) : stamp);
            var (isDone, isSet) = await WriteAsync(key, marker, seen.ETag, timeToLive).ConfigureAwait(false);
            if (isSet)
                return true;
            if (!isDone)
                return false;
        }
        return false;
    }

    private ValueTask<(bool IsDone, bool IsSet)> WriteAsync(string key, ReadOnlyMemory<byte> bytes, string etag, TimeSpan timeToLive) =>
        CallAsync("write", (key, bytes, etag, timeToLive), static (store, of, token) => store.TrySetAsync(of.key, of.bytes, of.etag, of.timeToLive, token));

    private async ValueTask<(bool IsDone, TAnswer Answer)> CallAsync<TState, TAnswer>(
        string operation, TState state, Func<ISecondLevel, TState, CancellationToken, Task<TAnswer>> call)
    {
        if (store is null || !_breaker.LetsThrough())
            return default;
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            var answer = await call(store, state, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            _breaker.Succeeded();
            return (true, answer);
        }
#pragma warning disable CA1031 // a dead second level degrades to memory and source
        catch (Exception failure)
#pragma warning restore CA1031
        {
            metrics.SharedFailed(operation);
            Log.Failed(logger, operation, failure.Message);
            if (_breaker.Failed())
                Log.LeftAlone(logger);
            return default;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The second level of the cache did not {Operation}: {Reason}")]
        public static partial void Failed(ILogger logger, string operation, string reason);

        [LoggerMessage(LogLevel.Warning, "The second level of the cache failed three times in a row and is left alone; one call every 5 s tries it")]
        public static partial void LeftAlone(ILogger logger);
    }
}
