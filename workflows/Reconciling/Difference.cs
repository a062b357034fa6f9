namespace Quayside.Workflows.Reconciling;

public enum DifferenceKind
{
    /// <summary>A final order and the bank disagree.</summary>
    Payment = 1,

    /// <summary>A final order and the carrier disagree.</summary>
    Shipment,

    /// <summary>The bank holds money under a key that is no order.</summary>
    UnknownPayment,

    /// <summary>The carrier accepted a parcel under a key that is no order.</summary>
    UnknownShipment,

    /// <summary>Stock is reserved for a final order.</summary>
    Reservation,

    /// <summary>Stock is reserved for an order that does not exist.</summary>
    UnknownReservation,

    /// <summary>Pieces of a product appeared or vanished.</summary>
    Stock,

    /// <summary>Other pieces have left the warehouse than were ordered.</summary>
    ShippedStock,

    /// <summary>The bank holds another sum than the orders are worth.</summary>
    Money,
}

/// <param name="Subject">The order, key, line or product; with the kind it names the difference.</param>
/// <param name="Text">A sentence.</param>
public sealed record Difference(DifferenceKind Kind, string Subject, string Text);
