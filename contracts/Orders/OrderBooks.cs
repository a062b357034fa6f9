using System.Text.Json.Serialization;

namespace Quayside.Contracts.Orders;

/// <summary>POST /internal/orders/overdue: orders that are not final, oldest first.</summary>
/// <param name="OlderThanSeconds">Since they were placed.</param>
/// <param name="Limit">1 to 1,000.</param>
/// <param name="After">The last of the page before.</param>
public sealed record FindOverdue(int OlderThanSeconds, int Limit = 200, OpenOrder? After = null);

/// <param name="Last">Null when there are no more.</param>
public sealed record OverdueOrders(IReadOnlyList<string> OrderIds, OpenOrder? Last = null);

public sealed record OpenOrder(string OrderId, DateTimeOffset PlacedAt);

/// <summary>POST /internal/orders/books: which orders were placed and which became final, each once, in the order of the commits of its shard.</summary>
/// <param name="Cursor">Of the answer before; null for the beginning.</param>
/// <param name="Limit">1 to 10,000.</param>
public sealed record ReadOrderBooks(string? Cursor = null, int Limit = 5_000);

/// <param name="UpTo">Everything until then is read; null: everything that was committed before the call.</param>
public sealed record OrderBooks(IReadOnlyList<OrderBook> Items, string Cursor, DateTimeOffset? UpTo);

/// <summary>POST /internal/orders/find-books: these orders as they are now; unknown ones are left out.</summary>
public sealed record FindOrderBooks(IReadOnlyList<string> OrderIds);

public sealed record FoundOrderBooks(IReadOnlyList<OrderBook> Items);

/// <param name="Status">In the answer to ReadOrderBooks: pending (it was placed), shipped or cancelled.</param>
/// <param name="Lines">Left out when a known order became final.</param>
/// <param name="At">When that happened.</param>
public sealed record OrderBook(string OrderId, OrderStatus Status, Money Total, IReadOnlyList<OrderBookLine> Lines, DateTimeOffset At)
{
    [JsonIgnore]
    public bool IsFinal => Status.IsFinal();
}

public sealed record OrderBookLine(string ProductId, int Quantity);
