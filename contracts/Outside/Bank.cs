using System.Text.Json.Serialization;

namespace Quayside.Contracts.Outside;

/// <summary>POST /charges on the Dapr HTTPEndpoint <c>bank</c>. The key makes it idempotent: one capture a key.</summary>
public sealed record BankCharge(string Key, Money Amount, string Token);

public sealed record BankChargeResult(BankChargeOutcome Result, string? Reason = null);

/// <summary>POST /charges/reverse: refunds a capture, voids a key that has none; afterwards the key captures nothing.</summary>
public sealed record BankReversal(string Key, string Reason);

public sealed record BankReversalResult(BankReversalOutcome Result);

/// <summary>POST /charges/inquire.</summary>
public sealed record BankInquiry(string Key);

public sealed record BankInquiryResult(BankEntryState State, Money? Amount = null);

/// <summary>GET /ledger/bank: totals in minor units of the only currency.</summary>
public sealed record BankLedger(long Captured, long Refunded, int Captures, int Refunds, int Voids, IReadOnlyList<BankEntry> Entries);

public sealed record BankEntry(string Key, BankEntryState State, long Captured, long Refunded, string Currency, string? Reason);

[JsonConverter(typeof(JsonStringEnumConverter<BankChargeOutcome>))]
public enum BankChargeOutcome
{
    [JsonStringEnumMemberName("captured")] Captured = 1,
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>A technical failure with this one card: nothing is captured, ask again. Not a 503: Dapr's breaker counts those for the
    /// whole bank, and one customer's card would close it to all.</summary>
    [JsonStringEnumMemberName("tryAgain")] TryAgain,
}

[JsonConverter(typeof(JsonStringEnumConverter<BankReversalOutcome>))]
public enum BankReversalOutcome
{
    [JsonStringEnumMemberName("refunded")] Refunded = 1,
    [JsonStringEnumMemberName("voided")] Voided,
}

[JsonConverter(typeof(JsonStringEnumConverter<BankEntryState>))]
public enum BankEntryState
{
    [JsonStringEnumMemberName("none")] None = 1,
    [JsonStringEnumMemberName("captured")] Captured,
    [JsonStringEnumMemberName("refused")] Refused,
    [JsonStringEnumMemberName("refunded")] Refunded,
    [JsonStringEnumMemberName("voided")] Voided,
}
