using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace LocalDapr.Runtime.Metrics;

/// <summary>Calls by method, path and status: the pair of a count and a latency, kept ready for the hot path.</summary>
public sealed class HttpMetrics(MetricSet metrics, string[] counters, string latency)
{
    private const int MaxSeries = 2000;

    private static readonly FrozenSet<string> Verbs = FrozenSet.Create(StringComparer.Ordinal,
        HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete, HttpMethods.Head, HttpMethods.Options, HttpMethods.Patch);

    private readonly ConcurrentDictionary<(string Method, string Path, int Status), (MetricSet.Metric[] Counts, MetricSet.Metric Latency)> series = new();
    private int made;

    public void Record(string method, string path, int status, double milliseconds)
    {
        if (!series.TryGetValue((method, path, status), out var found))
        {
            // Paths carry ids, and a verb may be any word: past the bound they share one series, or the page would grow for ever.
            var shown = Volatile.Read(ref made) < MaxSeries ? (method, path, status) : (Verbs.Contains(method) ? method : "", "", status);
            found = series.GetOrAdd(shown, key => Create(key.Method, key.Path, key.Status));
        }
        foreach (var count in found.Counts)
            count.Add();
        found.Latency.Observe(milliseconds);
    }

    private (MetricSet.Metric[], MetricSet.Metric) Create(string method, string path, int status)
    {
        Interlocked.Increment(ref made);
        var code = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return (
            [.. counters.Select(name => metrics.Counter(name, ("method", method), ("path", path), ("status", code)))],
            metrics.Latency(latency, ("method", method), ("path", path), ("status", code)));
    }
}
