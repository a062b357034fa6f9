using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Queries;

/// <summary>The orders' side of the books, read from the events: what was placed and what became final since a cursor (a position in each shard).</summary>
internal static class OrderBookQueries
{
    private const string Changes =
        $"""
        SELECT position, aggregate_id, event_type, data, timestamp FROM events
        WHERE position > $1 AND position <= $2 AND event_type IN ('{OrderEvents.Created}', '{OrderEvents.Shipped}', '{OrderEvents.Cancelled}')
        ORDER BY position LIMIT $3
        """;

    public static Ok<OrderBooks> Read(ReadOrderBooks read, Shards shards)
    {
        var limit = Math.Max(1, Math.Clamp(read.Limit, 1, 10_000) / shards.Stores.Count);
        var after = read.Cursor?.Split(',').Select(position => long.Parse(position, CultureInfo.InvariantCulture)).ToArray() ?? new long[shards.Stores.Count];
        var pages = shards.Stores.Select((store, i) => Read(store, after[i], limit)).ToList();
        return TypedResults.Ok(new OrderBooks(
            [.. pages.SelectMany(page => page.Items)],
            string.Join(',', pages.Select(page => page.Position.ToString(CultureInfo.InvariantCulture))),
            pages.Where(page => page.IsFull).Select(page => (DateTimeOffset?)page.Items[^1].At).Min()));
    }

    public static async Task<Ok<FoundOrderBooks>> FindAsync(FindOrderBooks find, OrderReader orders, CancellationToken cancellationToken)
    {
        var found = new List<OrderBook>();
        foreach (var id in find.OrderIds)
        {
            if (await orders.FindAsync(id, cancellationToken) is { } order)
                found.Add(new OrderBook(id, order.Status, order.Total, Lines(order.Lines!), order.UpdatedAt));
        }
        return TypedResults.Ok(new FoundOrderBooks(found));
    }

    private static (List<OrderBook> Items, long Position, bool IsFull) Read(EventStore store, long after, int limit) => store.Database.Read(session =>
    {
        var last = session.ReadLong("SELECT max(position) FROM events") ?? 0;
        var rows = session.Read(Changes, row => (Position: row.GetInt64(0), Book: Book(
            row.GetString(1), row.GetString(2), row.GetFieldValue<byte[]>(3), new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero))), after, last, limit);
        var isFull = rows.Count == limit;
        return (rows.ConvertAll(row => row.Book), isFull ? rows[^1].Position : Math.Max(after, last), isFull);
    });

    private static OrderBook Book(string orderId, string eventType, byte[] data, DateTimeOffset at)
    {
        switch (eventType)
        {
            case OrderEvents.Created:
                var created = JsonSerializer.Deserialize(data, OrderEventJson.Default.OrderCreated)!;
                return new(orderId, OrderStatus.Pending, created.Total, Lines(created.Lines), at);
            case OrderEvents.Shipped:
                return new(orderId, OrderStatus.Shipped, JsonSerializer.Deserialize(data, OrderEventJson.Default.OrderShipped)!.Total, [], at);
            default:
                return new(orderId, OrderStatus.Cancelled, JsonSerializer.Deserialize(data, OrderEventJson.Default.OrderCancelled)!.Total, [], at);
        }
    }

    private static OrderBookLine[] Lines(IReadOnlyList<OrderLine> lines) => [.. lines.Select(line => new OrderBookLine(line.ProductId, line.Quantity))];
}
