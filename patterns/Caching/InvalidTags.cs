using System.Collections.Concurrent;

namespace Quayside.Caching;

/// <summary>
/// Which tags were invalidated, and when: by a count of this process for what it has in memory, whatever the clocks say, and by the clock for what comes from the second level.
/// Bounded: at 1,000 tags all are forgotten and everything loaded before counts as invalid, whatever it carries.
/// </summary>
internal sealed class InvalidTags
{
    private const int MaxCount = 1_000;

    private readonly ConcurrentDictionary<string, Invalid> _tags = new(StringComparer.Ordinal);
    private Invalid _all = new(0, default);
    private long _count;

    private sealed record Invalid(long Count, Stamp Stamp);

    /// <summary>Grows with each invalidation; a load remembers it as it begins.</summary>
    public long Count => Volatile.Read(ref _count);

    public bool Knows(string tag, Stamp stamp) => _tags.TryGetValue(tag, out var known) && known.Stamp.Covers(stamp);

    public void Add(string tag, Stamp stamp)
    {
        var invalid = new Invalid(Interlocked.Increment(ref _count), _tags.TryGetValue(tag, out var known) ? known.Stamp.With(stamp) : stamp);
        if (_tags.Count >= MaxCount && !_tags.ContainsKey(tag))
        {
            Volatile.Write(ref _all, new(invalid.Count, _tags.Values.Select(one => one.Stamp).Aggregate(invalid.Stamp, (all, one) => all.With(one))));
            _tags.Clear();
        }
        _tags[tag] = invalid;
    }

    public void AddAll(Stamp stamp) => Volatile.Write(ref _all, new(Interlocked.Increment(ref _count), stamp));

    /// <param name="tags">Of the entry.</param>
    /// <param name="count">What <see cref="Count"/> was when its load began.</param>
    public bool Outdate(string[] tags, long count)
    {
        if (count < Volatile.Read(ref _all).Count)
            return true;
        foreach (var tag in tags)
        {
            if (_tags.TryGetValue(tag, out var invalid) && count < invalid.Count)
                return true;
        }
        return false;
    }

    /// <summary>The same for an entry of the second level, that another replica may have loaded.</summary>
    public bool Outdate(SharedEntry entry)
    {
        var all = Volatile.Read(ref _all);
        return all.Count > 0 && entry.Stamp.IsOutdatedBy(all.Stamp)
            || entry.Tags?.Any(tag => _tags.TryGetValue(tag, out var invalid) && entry.Stamp.IsOutdatedBy(invalid.Stamp)) == true;
    }
}
