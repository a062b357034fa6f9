using System.Diagnostics;
using System.Net;

namespace Quayside.House.Tests;

/// <summary>kill -9 in the middle of a hundred orders: every order that was acknowledged, and every POST retried by its key, becomes final, once, and the books balance.</summary>
public sealed class CrashTests
{
    private static readonly TimeSpan AfterRestart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WithOpenBreaker = TimeSpan.FromSeconds(150);

    [Fact]
    public Task The_runtime() => SurviveAsync(AfterRestart, async house =>
    {
        await house.KillRuntimeAsync();
        await house.RunAsync();
    });

    [Fact]
    public Task Everything_at_once() => SurviveAsync(AfterRestart, async house =>
    {
        await house.KillEverythingAsync();
        await house.RunAsync();
    });

    [Fact]
    public Task The_workflows_app() => SurviveAsync(AfterRestart, house => KillAsync(house, "workflows"));

    [Fact]
    public Task Payments() => SurviveAsync(WithOpenBreaker, house => KillAsync(house, "payment-service"));

    [Fact]
    public Task Orders() => SurviveAsync(WithOpenBreaker, house => KillAsync(house, "order-service"));

    private static Task KillAsync(House house, string appId)
    {
        house.KillApp(appId);
        return Task.CompletedTask;
    }

    private static async Task SurviveAsync(TimeSpan limit, Func<House, Task> crash)
    {
        await using var house = await House.StartAsync();
        var demo = await Shopper.DemoAsync(house);
        var products = await demo.ProductsAsync();
        using var places = new SemaphoreSlim(10);

        // Half of the orders are on their way through the saga, the others are just being placed.
        var first = await Task.WhenAll(Enumerable.Range(0, 50).Select(PlaceAsync));
        await Shopper.UntilAsync(() => demo.GetAsync($"/api/orders/{first[1]}"), order => order.GetProperty("status").GetString() != "pending");
        var second = Enumerable.Range(50, 50).Select(PlaceAsync).ToArray();
        await Task.WhenAny(second);
        var sinceKill = Stopwatch.StartNew();
        await crash(house);
        var sinceRestart = Stopwatch.StartNew();
        string[] orders = [.. first, .. await Task.WhenAll(second)];
        var shipped = new bool[orders.Length];
        for (var i = 0; i < orders.Length; i++)
            shipped[i] = (await demo.FinalAsync(orders[i], limit - sinceRestart.Elapsed)).GetProperty("status").GetString() == "shipped";
        var took = $"all final {sinceRestart.Elapsed.TotalSeconds:0.0} s after the restart, {sinceKill.Elapsed.TotalSeconds:0.0} s after the kill";
        TestContext.Current.TestOutputHelper?.WriteLine(took);
        Assert.True(sinceRestart.Elapsed < limit, took);
        Assert.Equal(Enumerable.Range(0, orders.Length).Select(i => Token(i) == "tok_ok"), shipped);
        await Books.NothingIsLostOrDoubledAsync(demo, await Shopper.AdminAsync(house), products, orders, shipped, Quantity);

        async Task<string> PlaceAsync(int i)
        {
            await places.WaitAsync();
            try
            {
                return await PlaceUntilAcceptedAsync(demo, Shopper.Basket(products[i % products.Length], Quantity(i), Token(i)), $"order-{i}");
            }
            finally
            {
                places.Release();
            }
        }
    }

    private static int Quantity(int order) => 1 + (order % 3);

    private static string Token(int order) => order % 7 == 0 ? "tok_declined" : "tok_ok";

    private static async Task<string> PlaceUntilAcceptedAsync(Shopper shopper, object basket, string key)
    {
        using var answer = await Shopper.InsistAsync(() => shopper.SendAsync(HttpMethod.Post, "/api/orders", basket, key));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("orderId").GetString()!;
    }
}
