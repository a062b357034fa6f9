using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;

namespace Quayside.Workflows.Admin;

/// <summary>The laws of conservation, as pure functions.</summary>
public static class BooksRules
{
    /// <summary>A sentence for each difference; orders that are not final are left out.</summary>
    public static IEnumerable<string> Compare(IReadOnlyCollection<OrderBook> orders, IEnumerable<BankEntry> bank, IEnumerable<CarrierEntry> carrier, IEnumerable<StockBook> stock)
    {
        var charges = bank.ToDictionary(e => e.Key);
        var parcels = carrier.ToDictionary(e => e.Key);
        return orders.Where(o => o.Status is OrderStatus.Shipped or OrderStatus.Cancelled)
            .SelectMany(o => Compare(o, charges.GetValueOrDefault(o.OrderId), parcels.GetValueOrDefault(o.OrderId)))
            .Concat(stock.Where(s => s.Initial != s.OnHand + s.Reserved + s.Shipped)
                .Select(s => $"product {s.ProductId}: initial {s.Initial} is not on hand {s.OnHand} + reserved {s.Reserved} + shipped {s.Shipped}"));
    }

    private static IEnumerable<string> Compare(OrderBook order, BankEntry? charge, CarrierEntry? parcel)
    {
        var paid = charge is null ? 0 : charge.Captured - charge.Refunded;
        var owed = order.Status == OrderStatus.Shipped ? order.Total.Amount : 0;
        if (paid != owed)
            yield return $"order {order.OrderId} is {order.Status} at {order.Total.Amount}, and the bank holds {paid} for it";
        if ((parcel?.State == CarrierEntryState.Accepted) != (order.Status == OrderStatus.Shipped))
            yield return $"order {order.OrderId} is {order.Status}, and the carrier says {parcel?.State.ToString() ?? "nothing"}";
    }
}
