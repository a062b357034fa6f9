using Quayside.Contracts;
using Quayside.Contracts.Outside;
using Quayside.Outside.Ledgers;

namespace Quayside.Outside.Bank;

/// <summary>What the bank answers, from the lines of one key.</summary>
internal static class BankRules
{
    public const string Failure = LedgerKinds.Failure, Capture = LedgerKinds.Capture, Refusal = LedgerKinds.Refusal, Refund = LedgerKinds.Refund, Void = LedgerKinds.Void;
    private const int FlakyFailures = 2;

    public static Decision<BankChargeResult> Charge(IReadOnlyList<Entry> entries, BankCharge charge, DateTimeOffset now)
    {
        var captured = entries.FirstOrDefault(entry => entry.Kind == Capture);
        return (StateOf(entries), charge.Token) switch
        {
            (BankEntryState.Voided or BankEntryState.Refunded, _) => new(Refused("key cancelled")),
            (BankEntryState.Refused, _) => new(Refused(entries[^1].Detail)),
            (BankEntryState.Captured, _) when captured!.Amount != charge.Amount.Amount || captured.Currency != charge.Amount.Currency =>
                new(Refused("key used for another amount")),
            (BankEntryState.Captured, _) => new(new(BankChargeOutcome.Captured)),
            (_, "tok_flaky") when entries.Count < FlakyFailures => new(new(BankChargeOutcome.TryAgain), new(Failure, now)),
            (_, "tok_ok" or "tok_flaky" or "tok_timeout") when charge.Amount.Amount > 0 =>
                new(new(BankChargeOutcome.Captured), new(Capture, now, charge.Amount.Amount, charge.Amount.Currency)),
            (_, "tok_declined") => Refuse("card declined"),
            (_, "tok_ok" or "tok_flaky" or "tok_timeout") => Refuse("invalid amount"),
            _ => Refuse("unknown card"),
        };

        Decision<BankChargeResult> Refuse(string reason) => new(Refused(reason), new(Refusal, now, Detail: reason));
    }

    public static Decision<BankReversalResult> Reverse(IReadOnlyList<Entry> entries, BankReversal reversal, DateTimeOffset now) => StateOf(entries) switch
    {
        BankEntryState.Refunded => new(new(BankReversalOutcome.Refunded)),
        BankEntryState.Captured when entries.Single(entry => entry.Kind == Capture) is var capture =>
            new(new(BankReversalOutcome.Refunded), new(Refund, now, capture.Amount, capture.Currency, reversal.Reason)),
        BankEntryState.Voided => new(new(BankReversalOutcome.Voided)),
        _ => new(new(BankReversalOutcome.Voided), new(Void, now, Detail: reversal.Reason)),
    };

    public static BankEntryState StateOf(IReadOnlyList<Entry> entries) => entries.Count == 0 ? BankEntryState.None : entries[^1].Kind switch
    {
        Capture => BankEntryState.Captured,
        Refusal => BankEntryState.Refused,
        Refund => BankEntryState.Refunded,
        Void => BankEntryState.Voided,
        _ => BankEntryState.None,
    };

    public static BankLedger Summarize(IReadOnlyList<KeyedEntry> lines)
    {
        var entries = lines.GroupBy(line => line.Key, line => line.Entry).Select(key => Describe(key.Key, [.. key])).ToList();
        return new(
            entries.Sum(entry => entry.Captured),
            entries.Sum(entry => entry.Refunded),
            lines.Count(line => line.Entry.Kind == Capture),
            lines.Count(line => line.Entry.Kind == Refund),
            lines.Count(line => line.Entry.Kind == Void),
            entries);
    }

    private static BankEntry Describe(string key, List<Entry> entries) => new(
        key,
        StateOf(entries),
        entries.Where(entry => entry.Kind == Capture).Sum(entry => entry.Amount),
        entries.Where(entry => entry.Kind == Refund).Sum(entry => entry.Amount),
        entries.FirstOrDefault(entry => entry.Currency is not null)?.Currency ?? "EUR",
        entries[^1].Detail);

    private static BankChargeResult Refused(string? reason) => new(BankChargeOutcome.Refused, reason);
}
