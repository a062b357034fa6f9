using System.Diagnostics;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Order;
using Quayside.Orders.Queries;
using Quayside.Outbox;

namespace Quayside.Bench.EventLoad;

/// <summary>Orders that have gone their whole way, eight events each, in one SQLite file.</summary>
internal static class ViewLoad
{
    private const int EventsOfAnOrder = 8;

    public static async Task RunAsync(int events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quayside-bench-").FullName;
        try
        {
            var address = new DatabaseAddress.Sqlite(Path.Combine(folder, "bench.db"));
            var clock = Stopwatch.StartNew();
            await using (var store = new EventStore(address, OutboxRelay.Schema))
            {
                await Parallel.ForAsync(0, events / EventsOfAnOrder, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken }, async (_, token) =>
                {
                    var id = Guid.NewGuid().ToString();
                    await store.AppendAsync(new Append(id, 0, [.. Whole(id).Select(OrderCodec.Instance.Encode)], new EventMetadata(), DateTimeOffset.UtcNow), token);
                });
                Console.WriteLine($"{events:N0} events written in {clock.Elapsed.TotalSeconds:N1} s");
                var views = new ProjectionRunner(store, new OrderViewTable(), TimeProvider.System);
                await views.PrepareAsync(cancellationToken);
                clock.Restart();
                await views.RebuildAsync(cancellationToken);
                Console.WriteLine($"views built anew: {events / clock.Elapsed.TotalSeconds:N0} events/s");
            }
            clock.Restart();
            await using var again = new EventStore(address, OutboxRelay.Schema);
            await new ProjectionRunner(again, new OrderViewTable(), TimeProvider.System).PrepareAsync(cancellationToken);
            var last = await again.ReadLastAsync(cancellationToken);
            Console.WriteLine($"opened again with {events:N0} events and its views in {clock.Elapsed.TotalMilliseconds:N0} ms, up to position {last.Position:N0}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OrderEvent[] Whole(string id)
    {
        var (price, user) = (Money.Euro(1_290), id[..8]);
        var total = Money.Euro(2 * 1_290);
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
