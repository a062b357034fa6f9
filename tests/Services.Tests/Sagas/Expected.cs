using Quayside.Contracts.Orders;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Sagas;

/// <summary>
/// What must become of an order, from the state machine of the design and not from the code: before the pivot a refusal turns the saga back, an outcome
/// that stays unknown is undone as well; compensations and what comes after the pivot are repeated for ever; everything else changes nothing.
/// </summary>
/// <param name="Reason">Of the cancellation; null: the order ships.</param>
/// <param name="NeedsAttention">The saga says so until somebody mends what is broken.</param>
public sealed record Expected(string? Reason, bool NeedsAttention)
{
    private static readonly string[] BeforePivot = [nameof(ReserveItemsActivity), nameof(ChargeCardActivity), nameof(CreateShipmentActivity)];

    private static readonly string[] ForEver =
    [
        nameof(CommitStockActivity), nameof(ReleaseItemsActivity), nameof(RefundChargeActivity), nameof(CancelShipmentActivity), nameof(CancelOrderActivity),
    ];

    public bool Ships => Reason is null;

    public static Expected Of(Scenario scenario, Fault fault)
    {
        var isBeforePivot = BeforePivot.Contains(fault.Call.Activity);
        if (isBeforePivot && fault.Kind is FaultKind.Refused && Refusals.EndsTheSaga(fault.Call))
            return new(Refusals.Reason, false);
        if (isBeforePivot && fault.Lasts && !HearsOfTheCancellation(scenario, fault))
            return new(OrderReasons.Exhausted, false);
        return new(scenario.Reason, fault.Lasts && ForEver.Contains(fault.Call.Activity));
    }

    /// <summary>A step that the customer's request overtakes hears of it when it asks before its next try, unless asking is what is broken, or the order knows that the step is done.</summary>
    private static bool HearsOfTheCancellation(Scenario scenario, Fault fault) =>
        fault.Call.Activity == scenario.CancelsDuring && fault is not { Call.Path: "internal/orders/ask" } and not { Call.Path: "internal/orders/record-step", Kind: FaultKind.TimesOutForEver };
}

/// <summary>How each callee says no, by the contracts; calls that are not here cannot be refused.</summary>
public static class Refusals
{
    public const string Reason = "refused by the test";

    private static readonly Dictionary<(string App, string Path), (string Json, bool EndsTheSaga)> All = new()
    {
        [("inventory-service", "internal/inventory/reserve")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", true),
        [("payment-service", "internal/payments/charge")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", true),
        [("bank", "charges")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", true),
        [("shipping-service", "internal/shipments/create")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", true),
        [("carrier", "shipments")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", true),
        [("order-service", "internal/orders/start-shipping")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", true),
        // What follows must not be refused, so a refusal is a failure that is tried again.
        [("inventory-service", "internal/inventory/commit")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", false),
        [("inventory-service", "internal/inventory/release")] = ("""{"result":"committed"}""", false),
        [("bank", "charges/reverse")] = ("""{}""", false),
        [("order-service", "internal/orders/record-step")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", false),
        [("order-service", "internal/orders/record-compensation")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", false),
        [("order-service", "internal/orders/cancel")] = ($$"""{"result":"refused","reason":"{{Reason}}"}""", false),
    };

    public static string? Of(Call call) => All.GetValueOrDefault((call.App, call.Path)).Json;

    public static bool EndsTheSaga(Call call) => All.GetValueOrDefault((call.App, call.Path)).EndsTheSaga;
}
