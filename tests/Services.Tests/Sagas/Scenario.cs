using Quayside.Contracts.Orders;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Sagas;

/// <summary>A way through the state machine of an order when nothing breaks but what the scenario says.</summary>
/// <param name="Reason">Of the cancellation; null: the order ships.</param>
public sealed record Scenario(string Name, string? Reason, int Quantity = 1, string Token = "tok_ok", string Postcode = "20457")
{
    /// <summary>A call of this activity never gets through: (activity, path).</summary>
    public (string Activity, string Path)? Broken { get; init; }

    /// <summary>It gets there, but never its answer.</summary>
    public bool OnlyAnswersAreLost { get; init; }

    /// <summary>The carrier has collected the parcel before it is asked to void it.</summary>
    public bool IsCollected { get; init; }

    /// <summary>The customer asks to cancel right before this call: (activity, path).</summary>
    public (string Activity, string Path)? Cancels { get; init; }

    /// <summary>The activity during which it happens; null: between two activities.</summary>
    public string? CancelsDuring => Cancels is var (activity, path) && !path.StartsWith("internal/orders/", StringComparison.Ordinal) ? activity : null;

    /// <summary>What is decided while the approval is awaited; null leaves it to expire.</summary>
    public bool? Approved { get; init; }

    public bool Ships => Reason is null;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("ships", null),
        new("out of stock", "out of stock: p-03", Quantity: SagaHouse.Stock + 1) { Approved = true },
        new("card declined", "card declined", Token: "tok_declined"),
        new("charged at the third try", null, Token: "tok_flaky"),
        new("address refused", "address refused", Postcode: "00000"),
        new("cancelled before the reservation", OrderReasons.CustomerCancelled) { Cancels = (nameof(ReserveItemsActivity), "internal/orders/ask") },
        new("cancelled before the charge", OrderReasons.CustomerCancelled) { Cancels = (nameof(ChargeCardActivity), "internal/orders/ask") },
        new("cancelled before the shipment", OrderReasons.CustomerCancelled) { Cancels = (nameof(CreateShipmentActivity), "internal/orders/start-shipping") },
        new("cancelled while the items are reserved", OrderReasons.CustomerCancelled) { Cancels = (nameof(ReserveItemsActivity), "internal/inventory/reserve") },
        new("cancelled while the card is charged", OrderReasons.CustomerCancelled) { Cancels = (nameof(ChargeCardActivity), "internal/payments/charge") },
        new("shipment unknown and voided", OrderReasons.Exhausted) { Broken = (nameof(CreateShipmentActivity), "shipments"), OnlyAnswersAreLost = true },
        new("shipment unknown and collected", null) { Broken = (nameof(CreateShipmentActivity), "shipments"), OnlyAnswersAreLost = true, IsCollected = true },
        new("approved", null, SagaHouse.ApprovalOverQuantity + 1) { Approved = true },
        new("rejected", OrderReasons.ApprovalRejected, SagaHouse.ApprovalOverQuantity + 1) { Approved = false },
        new("approval expired", OrderReasons.ApprovalExpired, SagaHouse.ApprovalOverQuantity + 1),
    ];

    public override string ToString() => Name;
}
