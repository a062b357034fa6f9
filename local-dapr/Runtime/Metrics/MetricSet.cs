using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace LocalDapr.Runtime.Metrics;

/// <summary>
/// The counters of one sidecar, in the names and labels of Dapr (contract section 17), written as a Prometheus page. Each has the label app_id.
/// Whoever puts a client's text into a label bounds the number of series.
/// </summary>
public sealed class MetricSet(string appId)
{
    private static readonly int[] Buckets = [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

    private readonly ConcurrentDictionary<string, Family> families = new(StringComparer.Ordinal);

    /// <summary>A number that is counted or set; the same one for the same labels. Keep it where it is used often.</summary>
    public Metric Number(string name, bool gauge, params ReadOnlySpan<(string Name, string Value)> labels) =>
        families.GetOrAdd(name, static (_, kind) => new Family(kind), gauge ? "gauge" : "counter").Get(Text(labels), static () => new Metric());

    public Metric Counter(string name, params ReadOnlySpan<(string Name, string Value)> labels) => Number(name, false, labels);

    /// <summary>A histogram of milliseconds.</summary>
    public Metric Latency(string name, params ReadOnlySpan<(string Name, string Value)> labels) =>
        families.GetOrAdd(name, static _ => new Family("histogram")).Get(Text(labels), static () => new Metric(Buckets));

    /// <summary>The page of the metrics port.</summary>
    public string Write()
    {
        var page = new StringBuilder();
        foreach (var (name, family) in families.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            page.Append("# TYPE ").Append(name).Append(' ').Append(family.Kind).Append('\n');
            foreach (var (labels, metric) in family.Series.OrderBy(s => s.Key, StringComparer.Ordinal))
                metric.Write(page, name, labels);
        }
        return page.ToString();
    }

    private string Text(ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder("app_id=\"").Append(appId).Append('"');
        foreach (var (name, value) in labels)
        {
            text.Append(',').Append(name).Append("=\"");
            foreach (var c in value)
            {
                _ = c switch
                {
                    '"' => text.Append("\\\""),
                    '\\' => text.Append("\\\\"),
                    '\n' => text.Append("\\n"),
                    _ => text.Append(c),
                };
            }
            text.Append('"');
        }
        return text.ToString();
    }

    private sealed class Family(string kind)
    {
        public string Kind { get; } = kind;

        public ConcurrentDictionary<string, Metric> Series { get; } = new(StringComparer.Ordinal);

        public Metric Get(string labels, Func<Metric> create) => Series.GetOrAdd(labels, static (_, make) => make(), create);
    }

    /// <summary>One series.</summary>
    public sealed class Metric(int[]? buckets = null)
    {
        private readonly long[] counts = new long[(buckets?.Length ?? 0) + 1];
        private long value;
        private double sum;

        public long Value => Interlocked.Read(ref value);

        public void Add(long amount = 1) => Interlocked.Add(ref value, amount);

        public void Set(long amount) => Interlocked.Exchange(ref value, amount);

        public void Observe(double milliseconds)
        {
            var place = 0;
            while (place < buckets!.Length && milliseconds > buckets[place])
                place++;
            Interlocked.Increment(ref counts[place]);
            Interlocked.Increment(ref value);
            double before;
            do
                before = sum;
            while (Interlocked.CompareExchange(ref sum, before + milliseconds, before) != before);
        }

        internal void Write(StringBuilder page, string name, string labels)
        {
            if (buckets is null)
            {
                page.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {Value}\n");
                return;
            }
            long total = 0;
            for (var i = 0; i < buckets.Length; i++)
            {
                total += Interlocked.Read(ref counts[i]);
                page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"{buckets[i]}\"}} {total}\n");
            }
            page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"+Inf\"}} {Value}\n{name}_sum{{{labels}}} {sum}\n{name}_count{{{labels}}} {Value}\n");
        }
    }
}
