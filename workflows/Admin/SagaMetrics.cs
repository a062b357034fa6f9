using System.Diagnostics.Metrics;
using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Workflows.Admin;

/// <summary>What is measured of the sagas of orders, in the meter <c>Quayside</c>.</summary>
internal sealed class SagaMetrics
{
    private readonly Histogram<double> duration;
    private readonly Counter<long> compensations;
    private readonly DateTimeOffset started;
    private int needAttention;

    public SagaMetrics(IMeterFactory meters, TimeProvider time)
    {
        started = time.GetUtcNow();
        var meter = meters.Create("Quayside");
        duration = meter.CreateHistogram<double>("quayside.sagas.duration", "s", "From an order's placing to its end; read with the books, so up to an interval late");
        compensations = meter.CreateCounter<long>("quayside.sagas.compensations", "{step}", "Steps that were undone; an event that is delivered twice counts twice");
        meter.CreateObservableGauge(
            "quayside.sagas.needs_attention", () => Volatile.Read(ref needAttention), "{saga}", "Sagas that a human should look at, as of the last sweep");
    }

    public int NeedAttention
    {
        set => Volatile.Write(ref needAttention, value);
    }

    /// <summary>Of the orders that ended before this process began, another process has told.</summary>
    public void Ended(OrderBook order, DateTimeOffset placedAt)
    {
        if (order.At >= started)
            duration.Record((order.At - placedAt).TotalSeconds, new KeyValuePair<string, object?>("outcome", SagaView.NameOf(order.Status)));
    }

    public void Saw(EventEnvelope happened)
    {
        if (happened.EventType is OrderEvents.ItemsReleased or OrderEvents.PaymentRefunded or OrderEvents.ShipmentCancelled)
            compensations.Add(1, new KeyValuePair<string, object?>("event", happened.EventType));
    }
}
