namespace Quayside.Contracts.Orders;

/// <summary>POST /internal/orders/overdue: orders that are not final, oldest first.</summary>
/// <param name="OlderThanSeconds">Since they were placed.</param>
/// <param name="Limit">1 to 1,000.</param>
public sealed record FindOverdue(int OlderThanSeconds, int Limit = 200);

public sealed record OverdueOrders(IReadOnlyList<string> OrderIds);

/// <summary>POST /internal/orders/books: every order, in pages; contains all that was committed before the call.</summary>
/// <param name="Limit">1 to 10,000.</param>
public sealed record ReadOrderBooks(string? Cursor = null, int Limit = 5_000);

public sealed record OrderBooks(IReadOnlyList<OrderBook> Items, string? NextCursor);

public sealed record OrderBook(string OrderId, string UserId, OrderStatus Status, Money Total);
