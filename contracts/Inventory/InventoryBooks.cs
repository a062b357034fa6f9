namespace Quayside.Contracts.Inventory;

/// <summary>POST /internal/inventory/books.</summary>
public sealed record InventoryBooks(IReadOnlyList<StockBook> Stock);

/// <summary>Counts of one product: Initial = OnHand + Reserved + Shipped, always.</summary>
public sealed record StockBook(string ProductId, long Initial, long OnHand, long Reserved, long Shipped);
