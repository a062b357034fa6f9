namespace Quayside.Caching;

/// <summary>What was invalidated of late, by key: a load that comes late finds the marker and is not stored over it. Not safe for threads by itself.</summary>
internal sealed class Markers(TimeProvider time)
{
    private const int MaxCount = 10_000;

    private readonly Dictionary<string, Marker> _markers = new(StringComparer.Ordinal);

    private readonly record struct Marker(Stamp Stamp, long Ends);

    public Stamp? Find(string key) => _markers.TryGetValue(key, out var marker) && time.GetTimestamp() < marker.Ends ? marker.Stamp : null;

    /// <param name="key">What was invalidated.</param>
    /// <param name="stamp">How new that invalidation is.</param>
    /// <param name="life">Null: until it is marked again.</param>
    /// <returns>False if there is no room: whoever relies on markers must do without until they have ended.</returns>
    public bool TryMark(string key, Stamp stamp, TimeSpan? life)
    {
        if (Find(key) is { } known)
            stamp = known.With(stamp);
        if (_markers.Count >= MaxCount && !_markers.ContainsKey(key))
            RemoveEnded();
        if (_markers.Count >= MaxCount && !_markers.ContainsKey(key))
            return false;
        _markers[key] = new(stamp, life is { } length ? time.GetTimestamp() + (long)(length.TotalSeconds * time.TimestampFrequency) : long.MaxValue);
        return true;
    }

    private void RemoveEnded()
    {
        var now = time.GetTimestamp();
        foreach (var (key, marker) in _markers)
        {
            if (marker.Ends <= now)
                _markers.Remove(key);
        }
    }
}
