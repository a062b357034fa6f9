using System.Globalization;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Order;
using Quayside.Orders.Queries;
using Quayside.Outbox;
using Quayside.Sharding;

namespace Quayside.Servers;

/// <summary>Orders that have gone their whole way, eight events each.</summary>
internal static class ManyOrders
{
    public const int EventsOfAnOrder = 8;

    /// <summary>Fills the shards of an installation that is not running: events, the views of them, and a relay that has published all.</summary>
    /// <param name="shards">The databases, as the first start made them.</param>
    /// <param name="events">How many; a multiple of eight.</param>
    /// <param name="user">Who ordered.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The id of one of the orders.</returns>
    public static async Task<string> AppendAsync(IReadOnlyList<DatabaseAddress> shards, int events, string user, CancellationToken cancellationToken)
    {
        var map = BucketMap.Even(shards.Count);
        var stores = shards.Select(shard => new EventStore(shard)).ToArray();
        var ids = Enumerable.Range(0, events / EventsOfAnOrder).Select(_ => Guid.NewGuid().ToString()).ToArray();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken }, async (id, token) =>
            await AppendAsync(stores[map.ShardOf(id)], id, user, token));
        foreach (var store in stores)
        {
            await new ProjectionRunner(store, new OrderViewTable(), TimeProvider.System).RebuildAsync(cancellationToken);
            var last = await store.ReadLastAsync(cancellationToken);
            await store.Database.WriteAsync(
                session => session.ExecuteAsync("UPDATE outbox_relay SET tx = $1, position = $2", last.Transaction, last.Position), cancellationToken);
            await store.DisposeAsync();
        }
        return ids[0];
    }

    public static Task AppendAsync(EventStore store, string id, string user, CancellationToken cancellationToken) =>
        store.AppendAsync(new Append(id, 0, [.. Whole(id, user).Select(OrderCodec.Instance.Encode)], new EventMetadata(CommandId: id), DateTimeOffset.UtcNow), cancellationToken);

    private static OrderEvent[] Whole(string id, string user)
    {
        var (price, total) = (Money.Euro(1_290), Money.Euro(2 * 1_290));
        return
        [
            new OrderEvent.Created(id, user, DateTimeOffset.UtcNow, [new OrderLine("p-01", "Enamel mug", 2, price)], total) { Sealed = new byte[200] },
            new OrderEvent.ItemsReserved(id),
            new OrderEvent.PaymentCharged(id, total),
            new OrderEvent.Confirmed(id, user, total),
            new OrderEvent.ShippingStarted(id),
            new OrderEvent.ShipmentCreated(id, "QC0123456789AB"),
            new OrderEvent.StockCommitted(id),
            new OrderEvent.Shipped(id, user, total, "QC0123456789AB"),
        ];
    }
}
