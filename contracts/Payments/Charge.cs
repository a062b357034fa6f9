using System.Text.Json.Serialization;

namespace Quayside.Contracts.Payments;

/// <summary>POST /internal/payments/charge: one capture per order, however often it is asked.</summary>
public sealed record ChargeCard(string OrderId, string UserId, Money Amount, string Token);

public sealed record ChargeCardResult(ChargeOutcome Result, string? Reason = null);

/// <summary>POST /internal/payments/refund: final; a charge that comes later is refused.</summary>
public sealed record RefundCharge(string OrderId, string Reason);

public sealed record RefundChargeResult(RefundOutcome Result);

[JsonConverter(typeof(JsonStringEnumConverter<ChargeOutcome>))]
public enum ChargeOutcome
{
    [JsonStringEnumMemberName("charged")] Charged = 1,
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>The bank could not say yet: charge again.</summary>
    [JsonStringEnumMemberName("tryAgain")] TryAgain,
}

[JsonConverter(typeof(JsonStringEnumConverter<RefundOutcome>))]
public enum RefundOutcome
{
    [JsonStringEnumMemberName("refunded")] Refunded = 1,
    [JsonStringEnumMemberName("nothing")] Nothing,
}
