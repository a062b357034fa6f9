using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;

namespace Quayside.Workflows.Reconciling;

/// <summary>What bank and carrier wrote under one key, and the order of that id.</summary>
/// <param name="Order">Null until it is known.</param>
/// <param name="Captured">In minor units.</param>
/// <param name="Refunded">In minor units.</param>
/// <param name="Parcel">Kind of the carrier's last line.</param>
public sealed record Account(OrderBook? Order = null, int Captures = 0, long Captured = 0, long Refunded = 0, string? Parcel = null)
{
    public long Held => Captured - Refunded;

    public bool HasParcel => Parcel == LedgerKinds.Shipment;

    public Account With(OrderBook change) => this with
    {
        Order = Order switch
        {
            null => change,
            // placed on one shard and ended on another, which was read first
            { IsFinal: true } known when change.Status == OrderStatus.Pending => change with { Status = known.Status },
            _ when change.Status == OrderStatus.Pending => change,
            var known => known with { Status = change.Status },
        },
    };

    /// <summary>Its end is told without its lines: then its placing is still to be read.</summary>
    public bool IsPlaced => Order is { Lines.Count: > 0 };

    public bool HasShipped => IsPlaced && Order!.Status == OrderStatus.Shipped;

    public Account WithBank(LedgerLine line) => line.Kind switch
    {
        LedgerKinds.Capture => this with { Captures = Captures + 1, Captured = Captured + line.Amount },
        LedgerKinds.Refund => this with { Refunded = Refunded + line.Amount },
        _ => this,
    };

    public Account WithCarrier(LedgerLine line) => this with { Parcel = line.Kind };
}
