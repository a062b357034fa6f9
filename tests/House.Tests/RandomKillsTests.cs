using System.Globalization;
using System.Net;

namespace Quayside.House.Tests;

/// <summary>Two hundred sagas in flight, all waiting for an approval. In ten waves they are approved, rejected and cancelled, and in each wave the worker or the runtime is killed.</summary>
public sealed class RandomKillsTests(ITestOutputHelper output)
{
    private const int Waves = 10;
    private const int OrdersOfAWave = 20;

    /// <summary>For all to become final after the last kill; a breaker may be open for 60 s.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);

    private enum Decision { Approve, Reject, Cancel, ApproveAndCancel }

    [Fact]
    public async Task Nothing_is_lost_or_doubled()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("QUAYSIDE_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"QUAYSIDE_TEST_SEED={seed}");
        var random = new Random(seed);
        await using var house = await House.StartAsync(environment: new Dictionary<string, string> { ["Orders__ApprovalLimit"] = "0" });
        var (demo, admin) = (await Shopper.DemoAsync(house), await Shopper.AdminAsync(house));
        var products = await demo.ProductsAsync();

        var orders = new string[Waves * OrdersOfAWave];
        await Parallel.ForAsync(0, orders.Length, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (i, _) =>
            orders[i] = await demo.PlaceAsync(Shopper.Basket(products[i % products.Length], Quantity(i), Token(i)), $"order-{i}"));
        var decisions = orders.Select((_, i) => (i % 10) switch { 3 => Decision.Reject, 5 or 6 => Decision.Cancel, 8 => Decision.ApproveAndCancel, _ => Decision.Approve }).ToArray();

        for (var wave = 0; wave < Waves; wave++)
        {
            var decided = Enumerable.Range(wave * OrdersOfAWave, OrdersOfAWave).Select(i => DecideAsync(demo, admin, orders[i], decisions[i])).ToArray();
            var answered = random.Next(OrdersOfAWave);
            await Shopper.UntilAsync(() => Task.FromResult(decided.Count(d => d.IsCompleted)), count => count >= answered);
            if (random.Next(2) == 0)
            {
                await house.KillRuntimeAsync();
                await house.RunAsync();
            }
            else
            {
                await Shopper.UntilAsync(() => Task.FromResult(house.IsRunning("workflows")), isRunning => isRunning);
                house.KillApp("workflows");
            }
            await Task.WhenAll(decided);
        }

        var outcomes = await Task.WhenAll(orders.Select(order => demo.FinalAsync(order, Limit)));
        var shipped = outcomes.Select(order => order.GetProperty("status").GetString() == "shipped").ToArray();
        for (var i = 0; i < orders.Length; i++)
        {
            var isPaid = Token(i) != "tok_declined";
            if (decisions[i] is not Decision.ApproveAndCancel || !isPaid)
                Assert.True(shipped[i] == (isPaid && decisions[i] is Decision.Approve), $"order {i}, {decisions[i]}: {outcomes[i]}");
        }
        await Books.NothingIsLostOrDoubledAsync(demo, admin, products, orders, shipped, Quantity);
    }

    private static int Quantity(int order) => 1 + (order % 3);

    private static string Token(int order) => (order % 7) switch { 0 => "tok_declined", 1 => "tok_flaky", _ => "tok_ok" };

    private static async Task DecideAsync(Shopper demo, Shopper admin, string order, Decision decision)
    {
        var approve = decision is Decision.Approve or Decision.ApproveAndCancel ? SendAsync(admin, HttpMethod.Post, $"/api/admin/sagas/{order}/approve") : Task.CompletedTask;
        var reject = decision is Decision.Reject ? SendAsync(admin, HttpMethod.Post, $"/api/admin/sagas/{order}/reject") : Task.CompletedTask;
        var cancel = decision is Decision.Cancel or Decision.ApproveAndCancel ? SendAsync(demo, HttpMethod.Delete, $"/api/orders/{order}") : Task.CompletedTask;
        await Task.WhenAll(approve, reject, cancel);
    }

    /// <summary>409 is an answer: somebody else was first.</summary>
    private static async Task SendAsync(Shopper who, HttpMethod method, string path)
    {
        using var answer = await Shopper.InsistAsync(() => who.SendAsync(method, path, key: path));
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"{method} {path}: {(int)answer.StatusCode}");
    }
}
