namespace Quayside.Contracts.Outside;

/// <summary>POST /ledger/bank/lines and /ledger/carrier/lines: what was written after a position, in the order in which it was written.</summary>
/// <param name="Limit">1 to 10,000.</param>
public sealed record ReadLines(long After = 0, int Limit = 5_000);

/// <summary>POST /ledger/bank/lines-of and /ledger/carrier/lines-of: all lines of these keys.</summary>
public sealed record FindLines(IReadOnlyList<string> Keys);

/// <param name="More">False: everything that was written before the call has been read.</param>
public sealed record LedgerLines(IReadOnlyList<LedgerLine> Lines, bool More);

/// <summary>A line is never changed. Positions grow, with gaps.</summary>
/// <param name="Kind">One of <see cref="LedgerKinds"/>.</param>
/// <param name="Amount">Of a capture or refund, in minor units of the only currency.</param>
public sealed record LedgerLine(long Position, string Key, string Kind, DateTimeOffset At, long Amount);

public static class LedgerKinds
{
    public const string Failure = "failure";
    public const string Capture = "capture";
    public const string Refusal = "refusal";
    public const string Refund = "refund";
    public const string Void = "void";
    public const string Shipment = "shipment";
    public const string Cancellation = "cancellation";
}
