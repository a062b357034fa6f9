using System.Diagnostics;
using Quayside.EventSourcing.Sql;
using Quayside.Servers;
using Quayside.Services.Tests.Orders;

namespace Quayside.Bench.EventLoad;

/// <summary>Orders in a process of its own on four SQLite files, everything published and in the views.</summary>
internal static class StartLoad
{
    private const int Shards = 4;
    private const int Starts = 5;

    public static async Task RunAsync(int events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quayside-bench-").FullName;
        try
        {
            var dll = AppContext.BaseDirectory.Replace("EventLoad", "Orders", StringComparison.Ordinal) + "Orders.dll";
            var (tokens, user) = (new TestTokens(), Guid.NewGuid().ToString());
            var keys = await tokens.ReadAsync(cancellationToken);
            await using (var first = await OrdersProcess.StartAsync(dll, folder, keys, tokens.For(user)))
                Console.WriteLine($"ready on an empty folder after {first.ReadyAfter.TotalSeconds:N2} s");
            var order = await ManyOrders.AppendAsync([.. Enumerable.Range(0, Shards).Select(i => new DatabaseAddress.Sqlite(Path.Combine(folder, $"orders-{i}.db")))], events, user, cancellationToken);
            var size = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length) >> 20;
            for (var i = 0; i < Starts; i++)
            {
                await using var orders = await OrdersProcess.StartAsync(dll, folder, keys, tokens.For(user));
                var clock = Stopwatch.StartNew();
                await orders.GetAsync($"/api/orders/{order}?includeDetails=true");
                Console.WriteLine($"{events:N0} events ({size:N0} MiB): ready after {orders.ReadyAfter.TotalSeconds:N2} s, then an order in {clock.Elapsed.TotalMilliseconds:N0} ms");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
