using Quayside.Inventory.Stock;

namespace Quayside.Services.Tests.Models;

/// <summary>
/// Tells how many calls of one command to Inventory will come to wait: one at a time while it takes lines, one for each product while it gives back or ships.
/// Without that a walk could not tell a call that is on its way from one that never comes.
/// </summary>
internal sealed class StockCourse(string orderId, IReadOnlyList<string> products, bool takesLines)
{
    private bool hasSeenStock, hasSeenRecordAfter;
    private int attempt;
    private HashSet<string>? together;

    public int Expected(Replica replica)
    {
        if (together is null && (!takesLines || hasSeenRecordAfter) && replica.Held.Any(call => IsStock(call))) together = [.. products];
        return together switch
        {
            null => 1,
            { Count: 0 } => int.MaxValue,
            _ => together.Count,
        };
    }

    public void Went(HeldCall call, Fate fate, RecordHistory record, Func<string, StockDocument> stockOf)
    {
        if (!IsStock(call))
        {
            hasSeenRecordAfter = hasSeenStock;
            if (!takesLines || (call.Call.Verb == "write" && call.HasHappened && record.Stage == "intent")) attempt = record.Attempt;
            return;
        }

        hasSeenStock = true;
        var product = call.Call.Target["stock-".Length..];
        var goesOn = fate is Fate.Happens && (call.Call.Verb == "read" ? HoldsLines(stockOf(product)) : !call.HasHappened);
        if (!goesOn) together?.Remove(product);
    }

    private bool HoldsLines(StockDocument stock) => stock.Lines.Keys.Select(LineId.Parse).Any(line => line.OrderId == orderId && line.Attempt <= attempt);

    private static bool IsStock(HeldCall call) => call.Call.Target.StartsWith("stock-", StringComparison.Ordinal);
}
