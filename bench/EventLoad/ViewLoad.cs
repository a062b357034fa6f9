using System.Diagnostics;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Queries;
using Quayside.Outbox;
using Quayside.Servers;

namespace Quayside.Bench.EventLoad;

/// <summary>Orders that have gone their whole way, eight events each, in one SQLite file.</summary>
internal static class ViewLoad
{
    public static async Task RunAsync(int events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quayside-bench-").FullName;
        try
        {
            var address = new DatabaseAddress.Sqlite(Path.Combine(folder, "bench.db"));
            var clock = Stopwatch.StartNew();
            await using (var store = new EventStore(address, OutboxRelay.Schema))
            {
                await Parallel.ForAsync(0, events / ManyOrders.EventsOfAnOrder, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellationToken }, async (_, token) =>
                    await ManyOrders.AppendAsync(store, Guid.NewGuid().ToString(), "somebody", token));
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
}
