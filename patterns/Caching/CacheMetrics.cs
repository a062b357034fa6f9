using System.Diagnostics.Metrics;

namespace Quayside.Caching;

/// <summary>The meter <c>Quayside.Caching</c>; docs/metrics.md lists it.</summary>
internal sealed class CacheMetrics
{
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private readonly Histogram<double> _loads;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _invalidations;

    public CacheMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Quayside.Caching");
        _hits = meter.CreateCounter<long>("quayside.cache.hits", "{answer}", "Answers by the level that gave them; callers who wait for one answer count once");
        _misses = meter.CreateCounter<long>("quayside.cache.misses", "{load}", "Answers that had to come from the source");
        _loads = meter.CreateHistogram<double>("quayside.cache.load.duration", "s", "How long the source took");
        _failures = meter.CreateCounter<long>("quayside.cache.shared.failures", "{call}", "What the second level did not do: failed, was too slow, held what cannot be read");
        _invalidations = meter.CreateCounter<long>("quayside.cache.invalidations", "{invalidation}", "Invalidations over the broadcast");
    }

    public void Hit(string level) => _hits.Add(1, new KeyValuePair<string, object?>("level", level));

    public void Loaded(TimeSpan duration, bool isSuccess)
    {
        _misses.Add(1);
        _loads.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", isSuccess ? "loaded" : "failed"));
    }

    /// <param name="operation">read, write or parse.</param>
    public void SharedFailed(string operation) => _failures.Add(1, new KeyValuePair<string, object?>("operation", operation));

    /// <param name="what">sent, failed (an attempt), dropped (told nobody), heard, repeated (heard and known) or unknown (heard and not understood).</param>
    public void Invalidation(string what) => _invalidations.Add(1, new KeyValuePair<string, object?>("what", what));
}
