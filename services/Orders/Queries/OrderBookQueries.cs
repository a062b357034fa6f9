using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Queries;

/// <summary>The orders' side of the books, read from the events: what was placed and what became final since a cursor (a position in each shard).
/// An event is told by the shard that it was appended on, wherever its order has moved since: so each is told once.</summary>
internal static class OrderBookQueries
{
    private static readonly string[] Changes = [OrderEvents.Created, OrderEvents.Shipped, OrderEvents.Cancelled];

    public static async Task<Ok<OrderBooks>> ReadAsync(ReadOrderBooks read, Shards shards, CancellationToken cancellationToken)
    {
        // a shard that was added since is read from its beginning
        var after = read.Cursor?.Split(',').Select(Parse).ToArray() ?? [];
        var pages = await shards.Router.ReadAllAsync(
            shard => shard.Store.ReadPageAsync(
                after.ElementAtOrDefault(shard.Number), Math.Max(1, Math.Clamp(read.Limit, 1, 10_000) / shards.Router.Shards.Count), Changes, cancellationToken).AsTask(),
            cancellationToken);
        return TypedResults.Ok(new OrderBooks(
            [.. pages.SelectMany(page => page.Events).Select(Book)],
            string.Join(',', pages.Select(page => Format(page.End))),
            pages.Where(page => page.IsFull).Select(page => (DateTimeOffset?)page.Events[^1].Event.Timestamp).Min()));
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

    private static OrderBook Book(StoredEvent stored)
    {
        var (orderId, at) = (stored.Event.AggregateId, stored.Event.Timestamp);
        return OrderCodec.Instance.Decode(stored.Event) switch
        {
            OrderEvent.Created created => new(orderId, OrderStatus.Pending, created.Total, Lines(created.Lines), at),
            OrderEvent.Shipped shipped => new(orderId, OrderStatus.Shipped, shipped.Total, [], at),
            OrderEvent.Cancelled cancelled => new(orderId, OrderStatus.Cancelled, cancelled.Total, [], at),
            var other => throw new InvalidOperationException($"{other} does not change the books"),
        };
    }

    private static string Format(Cursor cursor) => string.Create(CultureInfo.InvariantCulture, $"{cursor.Transaction}:{cursor.Position}");

    private static Cursor Parse(string text)
    {
        var parts = text.Split(':');
        return new(long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static OrderBookLine[] Lines(IReadOnlyList<OrderLine> lines) => [.. lines.Select(line => new OrderBookLine(line.ProductId, line.Quantity))];
}
