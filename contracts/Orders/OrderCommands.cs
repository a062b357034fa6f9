using System.Text.Json.Serialization;

namespace Quayside.Contracts.Orders;

// Each is a POST under /internal/orders/ and answers OrderCommandResult, if it does not say otherwise; the same CommandId again changes nothing and hears `done` again.

/// <summary>POST /internal/orders/record-step: the participant did it. A charge confirms the order, unless it is to stop; committed stock has shipped.</summary>
/// <param name="TrackingId">Of CreateShipment.</param>
public sealed record RecordStep(string OrderId, string CommandId, OrderStep Step, string? TrackingId = null);

/// <summary>POST /internal/orders/record-compensation: the participant undid it, or made sure that it never happens.</summary>
/// <param name="Happened">false when there was nothing to undo; then a step that was never recorded leaves no trace in the history.</param>
public sealed record RecordCompensation(string OrderId, string CommandId, OrderStep Step, bool Happened);

/// <summary>POST /internal/orders/start-shipping, before CreateShipment: from here on the customer cannot cancel. Answers StartShippingResult.</summary>
public sealed record StartShipping(string OrderId, string CommandId);

/// <param name="Reason">Why it was refused: the reason to cancel with.</param>
/// <param name="ShipTo">Of an order that ships: keep it inside the activity.</param>
public sealed record StartShippingResult(OrderOutcome Result, string? Reason = null, Address? ShipTo = null);

/// <summary>POST /internal/orders/cancel: refused while a step stands that was not undone.</summary>
public sealed record CancelOrder(string OrderId, string CommandId, string Reason);

/// <summary>POST /internal/orders/expire-approval.</summary>
public sealed record ExpireApproval(string OrderId, string CommandId);

/// <summary>POST /internal/orders/approve: refused unless an approval is awaited.</summary>
/// <param name="CommandId">Of this admin's action: it must not be the id of a rejection.</param>
/// <param name="By">User id of the admin.</param>
public sealed record ApproveOrder(string OrderId, string CommandId, string By);

/// <summary>POST /internal/orders/reject: refused unless an approval is awaited; the saga then cancels with <see cref="OrderReasons.ApprovalRejected"/>.</summary>
/// <param name="Reason">For the history of the order, at most 500 characters.</param>
public sealed record RejectOrder(string OrderId, string CommandId, string By, string? Reason = null);

/// <param name="Reason">Why it was refused.</param>
/// <param name="Version">Of the order after the command.</param>
public sealed record OrderCommandResult(
    OrderOutcome Result,
    string? Reason = null,
    OrderStatus? Status = null,
    bool CancellationRequested = false,
    long Version = 0);

[JsonConverter(typeof(JsonStringEnumConverter<OrderOutcome>))]
public enum OrderOutcome
{
    [JsonStringEnumMemberName("done")] Done = 1,
    [JsonStringEnumMemberName("refused")] Refused,
    [JsonStringEnumMemberName("unknownOrder")] UnknownOrder,
}
