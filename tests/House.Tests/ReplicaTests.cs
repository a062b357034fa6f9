namespace Quayside.House.Tests;

/// <summary>Two replicas of Orders behind one app id, on the same data.</summary>
public sealed class ReplicaTests
{
    private const string Orders = "order-service";
    private const int Count = 60;

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
        Assert.InRange(house.Output.Split("POST /api/orders answered 202").Length - 1, 1, (Count / 2) - 1);
        house.KillApp(Orders);
        var placed = await Task.WhenAll(orders);
        Assert.Equal(Count, placed.Distinct().Count());

        var ended = await Task.WhenAll(placed.Select(order => demo.FinalAsync(order, TimeSpan.FromSeconds(150))));
        var shipped = ended.Select(order => order.GetProperty("status").GetString() == "shipped").ToArray();
        Assert.Equal(Enumerable.Range(0, Count).Select(i => Token(i) == "tok_ok"), shipped);
        await Books.NothingIsLostOrDoubledAsync(demo, admin, products, placed, shipped, Quantity);

        async Task<string> PlaceAsync(int i)
        {
            await places.WaitAsync();
            try
            {
                using var answer = await Shopper.InsistAsync(() => demo.SendAsync(HttpMethod.Post, "/api/orders", Shopper.Basket(products[i % products.Length], Quantity(i), Token(i)), $"order-{i}"));
                return System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("orderId").GetString()!;
            }
            finally
            {
                places.Release();
            }
        }
    }

    private static int Quantity(int order) => 1 + (order % 3);

    private static string Token(int order) => order % 7 == 0 ? "tok_declined" : "tok_ok";
}
