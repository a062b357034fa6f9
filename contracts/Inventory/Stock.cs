using System.Text.Json.Serialization;

namespace Quayside.Contracts.Inventory;

public sealed record StockLine(string ProductId, int Quantity);

/// <summary>POST /internal/inventory/reserve: all lines or none; the same order again gets the same answer.</summary>
public sealed record ReserveItems(string OrderId, IReadOnlyList<StockLine> Lines);

public sealed record ReserveItemsResult(ReserveOutcome Result, string? Reason = null);

/// <summary>POST /internal/inventory/release: final; a reserve that comes later is refused.</summary>
public sealed record ReleaseItems(string OrderId, string Reason);

public sealed record ReleaseItemsResult(ReleaseOutcome Result);

/// <summary>POST /internal/inventory/commit: the reserved items have left the warehouse; final.</summary>
public sealed record CommitItems(string OrderId);

public sealed record CommitItemsResult(CommitOutcome Result, string? Reason = null);

// Results count from 1: an answer that lacks its result must not read as the first of them.
[JsonConverter(typeof(JsonStringEnumConverter<ReserveOutcome>))]
public enum ReserveOutcome
{
    [JsonStringEnumMemberName("reserved")] Reserved = 1,
    [JsonStringEnumMemberName("refused")] Refused,
}

[JsonConverter(typeof(JsonStringEnumConverter<ReleaseOutcome>))]
public enum ReleaseOutcome
{
    [JsonStringEnumMemberName("released")] Released = 1,
    [JsonStringEnumMemberName("nothing")] Nothing,
    [JsonStringEnumMemberName("committed")] Committed,
}

[JsonConverter(typeof(JsonStringEnumConverter<CommitOutcome>))]
public enum CommitOutcome
{
    [JsonStringEnumMemberName("committed")] Committed = 1,
    [JsonStringEnumMemberName("refused")] Refused,
}
