using System.Diagnostics;
using System.Net;

namespace Quayside.House.Tests;

/// <summary>kill -9 in the middle of a hundred orders: every order that was acknowledged, and every POST retried by its key, becomes final, and the books balance.</summary>
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
        var halfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var accepted = 0;
        using var places = new SemaphoreSlim(10);
        var placing = Enumerable.Range(0, 100).Select(async i =>
        {
            await places.WaitAsync();
            try
            {
                var orderId = await PlaceUntilAcceptedAsync(demo, Shopper.Basket(products[i % products.Length], 1 + (i % 3), i % 7 == 0 ? "tok_declined" : "tok_ok"), $"order-{i}");
                if (Interlocked.Increment(ref accepted) == 50)
                    halfway.SetResult();
                return orderId;
            }
            finally
            {
                places.Release();
            }
        }).ToArray();

        await halfway.Task;
        var clock = Stopwatch.StartNew();
        await crash(house);
        var orders = await Task.WhenAll(placing);
        Assert.Equal(100, orders.Distinct().Count());
        foreach (var orderId in orders)
            await demo.FinalAsync(orderId);
        TestContext.Current.TestOutputHelper?.WriteLine($"all final {clock.Elapsed.TotalSeconds:0.0} s after the kill");
        Assert.True(clock.Elapsed < limit, $"all final {clock.Elapsed.TotalSeconds:0.0} s after the kill");
        await Books.BalancedAsync(await Shopper.AdminAsync(house), TimeSpan.FromSeconds(30));
    }

    /// <summary>Sends the same POST with the same key until it is acknowledged, as a client that saw a broken connection would.</summary>
    private static async Task<string> PlaceUntilAcceptedAsync(Shopper shopper, object basket, string key)
    {
        while (true)
        {
            try
            {
                using var answer = await shopper.SendAsync(HttpMethod.Post, "/api/orders", basket, key);
                if (answer.StatusCode == HttpStatusCode.Accepted)
                    return System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("orderId").GetString()!;
                Assert.True((int)answer.StatusCode >= 500 || answer.StatusCode == HttpStatusCode.TooManyRequests, $"POST: {(int)answer.StatusCode}");
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
            }
            await Task.Delay(200);
        }
    }
}
