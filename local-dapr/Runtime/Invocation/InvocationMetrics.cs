using System.Collections.Concurrent;
using System.Globalization;
using LocalDapr.Runtime.Metrics;

namespace LocalDapr.Runtime.Invocation;

/// <summary>dapr_runtime_service_invocation_*: calls to and from other apps.</summary>
internal sealed class InvocationMetrics(MetricSet metrics)
{
    private readonly ConcurrentDictionary<string, MetricSet.Metric> sent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MetricSet.Metric> received = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string App, int Status), MetricSet.Metric> answered = new();
    private readonly ConcurrentDictionary<(string App, int Status), (MetricSet.Metric Count, MetricSet.Metric Latency)> returned = new();

    public void Received(string app) =>
        received.GetOrAdd(app, a => Name("req_recv_total", ("src_app_id", a))).Add();

    public void Answered(string app, int status) =>
        answered.GetOrAdd((app, status), key => Name("res_sent_total", ("dst_app_id", key.App), ("status", Code(key.Status)))).Add();

    /// <summary>A call of another app was made and came back.</summary>
    public void Returned(string app, int status, TimeSpan took)
    {
        var (count, latency) = returned.GetOrAdd((app, status), key => (
            Name("res_recv_total", ("src_app_id", key.App), ("status", Code(key.Status)), ("type", "unary")),
            metrics.Latency("dapr_runtime_service_invocation_res_recv_latency_ms", ("src_app_id", key.App), ("status", Code(key.Status)))));
        Sent(app);
        count.Add();
        latency.Observe(took.TotalMilliseconds);
    }

    private void Sent(string app) =>
        sent.GetOrAdd(app, a => Name("req_sent_total", ("dst_app_id", a), ("type", "unary"))).Add();

    private static string Code(int status) => status.ToString(CultureInfo.InvariantCulture);

    private MetricSet.Metric Name(string name, params ReadOnlySpan<(string, string)> labels) => metrics.Counter("dapr_runtime_service_invocation_" + name, labels);
}
