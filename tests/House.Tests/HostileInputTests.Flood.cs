using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Quayside.Servers;

namespace Quayside.House.Tests;

/// <summary>One client does all it can; another does not notice.</summary>
public sealed partial class HostileInputTests
{
    private const int Each = 250;

    /// <summary>An order of a quiet house ships in a tenth of a second; here it shares two cores with the flood's sagas and with whatever else the machine does.</summary>
    private static readonly TimeSpan InGoodTime = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_thousand_bad_logins_and_refused_orders_of_one_client_change_nothing_for_another()
    {
        var mallory = new Newcomer(house.House, "mallory@flood.test");
        Assert.Equal("completed", (await mallory.RegisteredAsync()).Status);
        var products = await house.Demo.ProductsAsync();
        using var http = Client.From(IPAddress.Parse("127.0.0.2"), house.House.Http.BaseAddress!);
        var flooder = new Shopper(http, mallory.Email, mallory.Password);
        await flooder.TokenAsync();

        var flood = Parallel.ForAsync(0, Each, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, cancellationToken) =>
        {
            using var login = await http.PostAsJsonAsync("/api/auth/login", new { email = "demo@quayside.test", password = $"wrong-{i}" }, cancellationToken);
            Assert.True(login.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, $"{(int)login.StatusCode}");
            using var invalid = await flooder.SendAsync(HttpMethod.Post, "/api/orders", new { items = Array.Empty<object>() }, Guid.NewGuid().ToString());
            Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
            foreach (var basket in new[] { Shopper.Basket(products[17], payment: "tok_declined"), Shopper.Basket(products[18], postcode: "00000") })
            {
                using var order = await flooder.SendAsync(HttpMethod.Post, "/api/orders", basket, Guid.NewGuid().ToString());
                Assert.True(order.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.TooManyRequests, $"{(int)order.StatusCode}");
            }
        });
        var sincePlaced = new Stopwatch();
        for (var rounds = 0; rounds < 3 || !flood.IsCompleted; rounds++)
        {
            // the account that the flood guesses at, from its own address
            using var login = await NeverRefusedAsync(() => house.House.Http.PostAsJsonAsync("/api/auth/login", new { email = "demo@quayside.test", password = "demo-pass-1234" }));
            Assert.Equal(HttpStatusCode.OK, login.StatusCode);
            sincePlaced.Restart();
            var key = Guid.NewGuid().ToString();
            using var placed = await NeverRefusedAsync(() => house.Demo.SendAsync(HttpMethod.Post, "/api/orders", Shopper.Basket(products[0]), key));
            Assert.Equal(HttpStatusCode.Accepted, placed.StatusCode);
            var order = await house.Demo.FinalAsync(placed.Headers.Location!.ToString()["/api/orders/".Length..]);
            Assert.Equal("shipped", order.GetProperty("status").GetString());
            Assert.True(sincePlaced.Elapsed < InGoodTime, $"{sincePlaced.Elapsed.TotalSeconds:0.0} s to ship");
        }
        await flood;
        await Books.BalancedAsync(house.Admin);
    }

    [Fact]
    public async Task A_flood_of_logins_as_made_up_accounts_keeps_nobody_from_logging_in_or_registering()
    {
        using var http = Client.From(IPAddress.Parse("127.0.0.2"), house.House.Http.BaseAddress!);
        using var end = new CancellationTokenSource();
        var judged = 0;
        var flood = Parallel.ForAsync(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (flooder, _) =>
        {
            for (var i = 0; !end.IsCancellationRequested; i++)
            {
                using var login = await http.PostAsJsonAsync("/api/auth/login", new { email = $"made-up-{flooder}-{i}@flood.test", password = "wrong-pass-1234" }, CancellationToken.None);
                if (login.StatusCode == HttpStatusCode.Unauthorized) Interlocked.Increment(ref judged);
            }
        });
        await Shopper.UntilAsync(() => Task.FromResult(judged), count => count > 3, InGoodTime);
        for (var i = 0; i < 4; i++)
        {
            using var login = await house.House.Http.PostAsJsonAsync("/api/auth/login", new { email = "demo@quayside.test", password = "demo-pass-1234" });
            Assert.Equal(HttpStatusCode.OK, login.StatusCode);
            using var registering = new HttpRequestMessage(HttpMethod.Post, "/api/users") { Content = JsonContent.Create(new { email = $"beside-{i}@flood.test", name = "Ada", password = "a-new-pass-1234" }) };
            using var registered = await house.House.Http.SendAsync(registering);
            Assert.Equal(HttpStatusCode.Accepted, registered.StatusCode);
        }

        await end.CancelAsync();
        await flood;
    }

    /// <summary>A machine that is busy with other things may be slow; being told to stay away is another thing.</summary>
    private static async Task<HttpResponseMessage> NeverRefusedAsync(Func<Task<HttpResponseMessage>> send)
    {
        while (true)
        {
            var answer = await send();
            if (answer.StatusCode is not HttpStatusCode.GatewayTimeout)
                return answer;
            answer.Dispose();
        }
    }
}
