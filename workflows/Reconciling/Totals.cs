using System.Collections.Immutable;
using Quayside.Contracts.Orders;

namespace Quayside.Workflows.Reconciling;

/// <summary>What some orders are worth, in minor units, and how many pieces of which product they are about.</summary>
public sealed record Totals(long Money, ImmutableDictionary<string, long> Pieces)
{
    public static readonly Totals None = new(0, ImmutableDictionary<string, long>.Empty);

    public long PiecesOf(string productId) => Pieces.GetValueOrDefault(productId);

    public Totals Add(OrderBook order) => new(
        Money + order.Total.Amount,
        order.Lines.Aggregate(Pieces, (pieces, line) => pieces.SetItem(line.ProductId, pieces.GetValueOrDefault(line.ProductId) + line.Quantity)));

    public Totals Add(IEnumerable<OrderBook> orders) => orders.Aggregate(this, (sum, order) => sum.Add(order));
}
