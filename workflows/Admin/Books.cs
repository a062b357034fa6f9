using Quayside.Contracts;
using Quayside.Contracts.Inventory;

namespace Quayside.Workflows.Admin;

/// <summary>The books of the house: conservation of stock, money and parcels, read from those who keep them and not from the services under test.</summary>
/// <param name="Balanced">No difference was found. Orders in flight are not judged.</param>
public sealed record Books(bool Balanced, IReadOnlyList<string> Differences, IReadOnlyList<StockBook> Stock, MoneyBook Money, int Shipments);

/// <summary>Totals of the bank's ledger and of shipped orders; captured - refunded = shippedOrders once all orders are final.</summary>
public sealed record MoneyBook(Money Captured, Money Refunded, Money ShippedOrders);
