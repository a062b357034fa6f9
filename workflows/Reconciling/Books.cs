using Quayside.Contracts;
using Quayside.Contracts.Inventory;

namespace Quayside.Workflows.Reconciling;

/// <summary>The books of the house: conservation of stock, money and parcels, read from those who keep them and not from the services under test.</summary>
/// <param name="Balanced">No difference was found. Orders in flight are not judged.</param>
/// <param name="Differences">A sentence for each.</param>
/// <param name="Shipments">Parcels that the carrier accepted, also those that were cancelled after.</param>
/// <param name="CheckedAt">When this pass began to read.</param>
public sealed record Books(
    bool Balanced, IReadOnlyList<string> Differences, IReadOnlyList<StockBook> Stock, MoneyBook Money, int Shipments, DateTimeOffset CheckedAt);

/// <summary>Totals of the bank's ledger and of shipped orders; captured - refunded = shippedOrders once all orders are final.</summary>
public sealed record MoneyBook(Money Captured, Money Refunded, Money ShippedOrders);
