using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.Metrics;

/// <summary>dapr_resiliency_* of one target.</summary>
internal sealed class PolicyMetrics(MetricSet metrics, string resource, string direction, string target) : IPolicyWatch
{
    private static readonly string[] States = ["closed", "half-open", "open", "unknown"];

    public void Uses(bool timeout, bool retry, bool breaker)
    {
        if (timeout)
            Count("timeout", "").Add();
        if (retry)
            Count("retry", "").Add();
        if (breaker)
            Show(BreakerState.Closed);
    }

    public void TimedOut() => Activation("timeout", "").Add();

    public void Retrying() => Activation("retry", "").Add();

    public void Counted(BreakerState state) => Count("circuitbreaker", Word(state)).Add();

    public void Entered(BreakerState state)
    {
        Show(state);
        if (state == BreakerState.Open)
            Activation("circuitbreaker", Word(state)).Add();
    }

    private static string Word(BreakerState state) => state switch
    {
        BreakerState.Closed => "closed",
        BreakerState.Open => "open",
        _ => "half-open",
    };

    private void Show(BreakerState state)
    {
        foreach (var word in States)
            Series("dapr_resiliency_cb_state", true, "circuitbreaker", word).Set(word == Word(state) ? 1 : 0);
    }

    private MetricSet.Metric Count(string policy, string status) => Series("dapr_resiliency_count", false, policy, status);

    private MetricSet.Metric Activation(string policy, string status) => Series("dapr_resiliency_activations_total", false, policy, status);

    private MetricSet.Metric Series(string name, bool gauge, string policy, string status) => metrics.Number(
        name, gauge, ("flow_direction", direction), ("name", resource), ("namespace", ""), ("policy", policy), ("status", status), ("target", target));
}
