using Quayside.Contracts.Inventory;

namespace Quayside.Inventory.Reserving;

/// <summary>Lines in product order, one a product: all orders take stock in the same order.</summary>
internal sealed record Reservation(IReadOnlyList<StockLine> Lines)
{
    public static Reservation Of(IEnumerable<StockLine> lines) => new(
    [
        .. lines.GroupBy(line => line.ProductId, line => line.Quantity)
            .OrderBy(product => product.Key, StringComparer.Ordinal)
            .Select(product => new StockLine(product.Key, product.Sum())),
    ]);
}
