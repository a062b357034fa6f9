using Microsoft.Extensions.Caching.Memory;

namespace Quayside.Caching;

/// <summary>The first level: this process's memory. Bounded by 64 MiB of estimated size and by 10,000 entries. Reading is safe for threads; writers take turns.</summary>
internal sealed class LocalLevel(TimeProvider time, TimeSpan markerLife) : IDisposable
{
    private const long MaxSize = 64 << 20;
    private const int MaxEntries = 10_000;

    /// <summary>Of a value whose size nobody has seen.</summary>
    private const int AssumedSize = 4 << 10;

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = MaxSize });
    private readonly Markers _markers = new(time);
    private readonly InvalidTags _tags = new();
    private long _closedUntil = long.MinValue;

    private sealed record Entry(object? Value, string[] Tags, Stamp Stamp, long Began, long Ends);

    /// <summary>To be remembered by a load as it begins.</summary>
    public long Count => _tags.Count;

    /// <summary>No room for markers: for as long as one lives nothing is kept and the second level is not believed.</summary>
    public bool IsClosed => time.GetTimestamp() < Volatile.Read(ref _closedUntil);

    public bool TryGet<T>(string key, out T value)
    {
        if (_entries.TryGetValue(key, out var found) && found is Entry entry && time.GetTimestamp() < entry.Ends && !_tags.Outdate(entry.Tags, entry.Began))
        {
            if (entry.Value is T known)
            {
                value = known;
                return true;
            }
            if (entry.Value is null && default(T) is null)
            {
                value = default!;
                return true;
            }
        }
        value = default!;
        return false;
    }

    /// <summary>Unless something newer is known: an entry of a later version, or an invalidation that asks for one.</summary>
    /// <param name="began"><see cref="Count"/> when the load began.</param>
    /// <param name="size">In bytes; 0 for unknown.</param>
    public void Store(string key, object? value, string[] tags, Stamp stamp, long began, int size, TimeSpan timeToLive)
    {
        if (IsClosed || timeToLive <= TimeSpan.Zero || _markers.Find(key) is { } marker && stamp.IsBefore(marker))
            return;
        if (_entries.TryGetValue(key, out var found) && found is Entry there && time.GetTimestamp() < there.Ends && stamp.IsOlderVersionThan(there.Stamp))
            return;
        _entries.Set(
            key, new Entry(value, tags, stamp, began, time.GetTimestamp() + (long)(timeToLive.TotalSeconds * time.TimestampFrequency)),
            new MemoryCacheEntryOptions { Size = SizeOf(value, size), AbsoluteExpirationRelativeToNow = timeToLive });
    }

    /// <returns>False for a repetition: nothing was done.</returns>
    public bool Invalidate(Invalidation invalidation)
    {
        if (invalidation.Tag is { } tag)
        {
            if (_tags.Knows(tag, invalidation.Stamp))
                return false;
            _tags.Add(tag, invalidation.Stamp);
            return true;
        }
        var key = invalidation.Key!;
        if (_markers.Find(key) is { } known && known.Covers(invalidation.Stamp))
            return false;
        if (!_markers.TryMark(key, invalidation.Stamp, life: null))
            Close();
        if (_entries.TryGetValue(key, out var found) && found is Entry entry
            && (invalidation.Version == 0 || entry.Stamp.Version == 0 || entry.Stamp.Version < invalidation.Version))
            _entries.Remove(key);
        return true;
    }

    /// <summary>The second level knows it now: from here on the marker has its usual life.</summary>
    public void Settle(Invalidation invalidation)
    {
        if (invalidation.Key is { } key && !_markers.TryMark(key, invalidation.Stamp, markerLife))
            Close();
    }

    /// <summary>Whether an entry of the second level is older than what this replica has heard.</summary>
    public bool Outdates(string key, SharedEntry entry) =>
        IsClosed || _tags.Outdate(entry) || _markers.Find(key) is { } marker && entry.Stamp.IsOutdatedBy(marker);

    /// <summary>Everything loaded before now is too old, here and in the second level as this replica sees it.</summary>
    public void OutdateAll(Stamp stamp) => _tags.AddAll(stamp);

    private void Close()
    {
        Volatile.Write(ref _closedUntil, time.GetTimestamp() + (long)(markerLife.TotalSeconds * time.TimestampFrequency));
        _entries.Clear();
    }

    private static long SizeOf(object? value, int size) => Math.Clamp(value switch
    {
        _ when size > 0 => 2L * size,
        string text => 2L * text.Length,
        byte[] bytes => bytes.Length,
        _ => AssumedSize,
    }, MaxSize / MaxEntries, MaxSize);

    public void Dispose() => _entries.Dispose();
}
