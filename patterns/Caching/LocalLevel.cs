using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Quayside.Caching;

/// <summary>The first level: this process's memory, bounded by the number of entries.</summary>
internal sealed class LocalLevel : IDisposable
{
    private const int MaxEntries = 10_000;

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = MaxEntries });
    private readonly ConcurrentDictionary<string, long> _invalidTags = new(StringComparer.Ordinal);

    private sealed record Entry(object? Value, string[] Tags, long At);

    public bool TryGet<T>(string key, out T value)
    {
        if (_entries.TryGetValue<Entry>(key, out var entry) && entry is not null && !IsInvalid(entry))
        {
            value = (T)entry.Value!;
            return true;
        }
        value = default!;
        return false;
    }

    public void Store<T>(string key, T value, string[] tags, long at, TimeSpan timeToLive) => _entries.Set(
        key, new Entry(value, tags, at), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = timeToLive });

    public void Remove(string key) => _entries.Remove(key);

    public void InvalidateTag(string tag, long at) => _invalidTags[tag] = at;

    private bool IsInvalid(Entry entry) => entry.Tags.Any(tag => _invalidTags.TryGetValue(tag, out var since) && since >= entry.At);

    public void Dispose() => _entries.Dispose();
}
