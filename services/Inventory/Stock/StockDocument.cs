using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Quayside.Inventory.Stock;

/// <summary>Counts and open lines of one product. Always: Initial = OnHand + Reserved + Shipped. Every command may come any number of times.</summary>
internal sealed record StockDocument(long Initial, long OnHand, long Shipped, ImmutableDictionary<string, int> Lines)
{
    public static StockDocument Of(long initial) => new(initial, initial, 0, ImmutableDictionary<string, int>.Empty);

    [JsonIgnore]
    public long Reserved => Lines.Values.Sum(quantity => (long)quantity);

    /// <summary>The next document (this one when nothing changes) and whether the command was taken.</summary>
    public (StockDocument Next, bool IsTaken) Apply(StockCommand command) => command switch
    {
        StockCommand.Reserve { Line: var line } when Lines.ContainsKey(line.ToString()) => (this, true),
        StockCommand.Reserve { Line: var line, Quantity: var quantity } => GiveBack(line).Open(line, quantity),
        StockCommand.Release { Line: var line } => (GiveBack(line), true),
        StockCommand.Ship { Line: var line } => (Send(line).GiveBack(line), true),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private (StockDocument Next, bool IsTaken) Open(LineId line, int quantity) => quantity > 0 && quantity <= OnHand
        ? (this with { OnHand = OnHand - quantity, Lines = Lines.Add(line.ToString(), quantity) }, true)
        : (this, false);

    private StockDocument GiveBack(LineId upTo) => upTo.UpToHere().Aggregate(this, (stock, line) =>
        stock.Lines.TryGetValue(line, out var quantity)
            ? stock with { OnHand = stock.OnHand + quantity, Lines = stock.Lines.Remove(line) }
            : stock);

    private StockDocument Send(LineId line) => Lines.TryGetValue(line.ToString(), out var quantity)
        ? this with { Shipped = Shipped + quantity, Lines = Lines.Remove(line.ToString()) }
        : this;
}
