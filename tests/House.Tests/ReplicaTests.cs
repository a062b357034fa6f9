using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>Two replicas of Orders behind one app id, on the same data.</summary>
public sealed class ReplicaTests
{
    private const string Orders = "order-service";
    private const int Count = 60;

    /// <summary>A breaker may be open for 60 s, and a second time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(240);

    [Fact]
    public async Task One_is_killed_and_nothing_is_lost_or_doubled()
    {
        await using var house = await House.StartAsync(twice: Orders);
        var (demo, admin) = (await Shopper.DemoAsync(house), await Shopper.AdminAsync(house));
        var products = await demo.ProductsAsync();
        Assert.Equal(2, house.Processes().Count(process => process.AppId == Orders));
        using var places = new SemaphoreSlim(10);

        var orders = Enumerable.Range(0, Count).Select(PlaceAsync).ToArray();
        await Shopper.UntilAsync(() => Task.FromResult(orders.Count(placed => placed.IsCompleted)), placed => placed >= Count / 2);
        Assert.InRange(Accepted(house, Orders), 1, Accepted(house, "gateway") - 1);
        house.KillApp(Orders);
        var placed = await Task.WhenAll(orders);
        Assert.Equal(Count, placed.Distinct().Count());

        var ended = await Task.WhenAll(placed.Select(order => Shopper.UntilAsync(() => FindAsync(demo, order), found => found.GetProperty("status").GetString() is "shipped" or "cancelled", Limit)));
        var shipped = ended.Select(order => order.GetProperty("status").GetString() == "shipped").ToArray();
        Assert.Equal(Enumerable.Range(0, Count).Select(i => Token(i) == "tok_ok"), shipped);
        await Books.NothingIsLostOrDoubledAsync(demo, admin, products, placed, shipped, Quantity);

        async Task<string> PlaceAsync(int i)
        {
            await places.WaitAsync();
            try
            {
                using var answer = await Shopper.InsistAsync(() => demo.SendAsync(HttpMethod.Post, "/api/orders", Shopper.Basket(products[i % products.Length], Quantity(i), Token(i)), $"order-{i}"));
                return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("orderId").GetString()!;
            }
            finally
            {
                places.Release();
            }
        }
    }

    /// <summary>Until the dead one is started again, the gateway meets it every other time, and gives up after three tries.</summary>
    private static async Task<JsonElement> FindAsync(Shopper demo, string order)
    {
        using var answer = await Shopper.InsistAsync(() => demo.SendAsync(HttpMethod.Get, $"/api/orders/{order}"));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>Requests that the app says it has accepted; of Orders only the second replica speaks.</summary>
    private static int Accepted(House house, string app) => house.Output.Split('\n').Count(line =>
        line.StartsWith($"== APP - {app} ==", StringComparison.Ordinal) && line.Contains("POST /api/orders answered 202", StringComparison.Ordinal));

    private static int Quantity(int order) => 1 + (order % 3);

    private static string Token(int order) => order % 7 == 0 ? "tok_declined" : "tok_ok";
}
