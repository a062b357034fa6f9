using Microsoft.Extensions.Logging;

namespace Quayside.Caching;

/// <summary>The second level as the cache uses it: quick or not at all, and never an error.</summary>
internal sealed partial class SharedLevel(ISecondLevel? store, TimeProvider time, ILogger logger)
{
    /// <summary>Slower than this a second level is worth nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer than any load takes: an older load finds the invalidation and is not stored over it.</summary>
    private static readonly TimeSpan InvalidationStays = TimeSpan.FromSeconds(30);

    private static readonly string[] NoTags = [];

    /// <returns>Null if there is nothing, or nothing valid.</returns>
    public async Task<SharedEntry<T>?> FindAsync<T>(string key)
    {
        if (await ReadAsync<T>(key) is not { HasValue: true } entry)
            return null;
        foreach (var tag in entry.Tags)
        {
            if (await ReadAsync<object>(TagKey(tag)) is { } invalidated && invalidated.At >= entry.At)
                return null;
        }
        return entry;
    }

    public async Task StoreAsync<T>(string key, SharedEntry<T> entry, TimeSpan timeToLive)
    {
        if (await ReadAsync<T>(key) is { HasValue: false } invalidated && invalidated.At >= entry.At)
            return;
        // Jitter only shortens: a value is never older than promised, and entries of one moment do not end in one moment.
        await WriteAsync(key, entry, timeToLive * (1 - 0.1 * Random.Shared.NextDouble()));
    }

    public Task InvalidateAsync(string key) => WriteAsync(key, Invalidation(), InvalidationStays);

    public Task InvalidateTagAsync(string tag, TimeSpan longestEntry) => WriteAsync(TagKey(tag), Invalidation(), longestEntry);

    private SharedEntry<object> Invalidation() => new(time.GetUtcNow().UtcTicks, NoTags, HasValue: false, null);

    private static string TagKey(string tag) => $"tag:{tag}";

    private async Task<SharedEntry<T>?> ReadAsync<T>(string key)
    {
        if (store is null)
            return null;
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            return SharedEntry<T>.Parse(await store.GetAsync(key, limit.Token));
        }
#pragma warning disable CA1031 // a dead second level degrades to memory and source
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.Unavailable(logger, failure.Message);
            return null;
        }
    }

    private async Task WriteAsync<T>(string key, SharedEntry<T> entry, TimeSpan timeToLive)
    {
        if (store is null)
            return;
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await store.SetAsync(key, entry.ToJson(), timeToLive, limit.Token);
        }
#pragma warning disable CA1031
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.Unavailable(logger, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The second level of the cache is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);
    }
}
