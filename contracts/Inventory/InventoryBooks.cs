namespace Quayside.Contracts.Inventory;

/// <summary>POST /internal/inventory/books.</summary>
/// <param name="Lines">What is reserved, line by line.</param>
public sealed record InventoryBooks(IReadOnlyList<StockBook> Stock, IReadOnlyList<OpenLine> Lines);

/// <param name="Line">Names it within its product.</param>
public sealed record OpenLine(string ProductId, string Line, string OrderId, int Quantity);

/// <summary>Counts of one product: Initial = OnHand + Reserved + Shipped, always.</summary>
public sealed record StockBook(string ProductId, long Initial, long OnHand, long Reserved, long Shipped);
