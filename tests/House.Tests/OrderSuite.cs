using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Quayside.House.Tests;

public sealed class OrderTests(KindHouse house) : OrderSuite(house), IClassFixture<KindHouse>;

public sealed class OrderTestsOnAnUnkindBroker(UnkindHouse house) : OrderSuite(house), IClassFixture<UnkindHouse>;

/// <summary>What happens to an order, from the gateway to the books.</summary>
public abstract partial class OrderSuite(HouseFixture fixture)
{
    private Shopper Demo => fixture.Demo;

    [Fact]
    public async Task A_good_order_is_confirmed_and_shipped_with_its_history_and_notifications()
    {
        var product = (await Demo.ProductsAsync())[0];
        var orderId = await Demo.PlaceAsync(Shopper.Basket(product, 2));

        var order = await Demo.FinalAsync(orderId);

        Assert.Equal("shipped", order.GetProperty("status").GetString());
        Assert.Equal(
            ["order.created", "order.items_reserved", "order.payment_charged", "order.confirmed", "order.shipping_started", "order.shipment_created", "order.stock_committed", "order.shipped"],
            await Demo.EventTypesAsync(orderId));
        Assert.Equal(["confirmation", "shipped"], await NotificationsAsync(orderId, 2));
        await BalancedAsync();
    }

    [Fact]
    public async Task An_order_is_there_right_after_the_post()
    {
        var orderId = await Demo.PlaceAsync(Shopper.Basket((await Demo.ProductsAsync())[1]));
        var order = await Demo.GetAsync($"/api/orders/{orderId}");
        Assert.Equal(orderId, order.GetProperty("orderId").GetString());
        await Demo.FinalAsync(orderId);
    }

    [Fact]
    public async Task Whoever_follows_an_order_sees_each_status_when_it_is_reached()
    {
        // the bank fails twice: seconds lie between placing and charging
        var orderId = await Demo.PlaceAsync(Shopper.Basket((await Demo.ProductsAsync())[16], payment: "tok_flaky"));
        using var stream = await Demo.StreamAsync(orderId);
        var parser = SseParser.Create(await stream.Content.ReadAsStreamAsync(), (_, data) => (Change: JsonElement.Parse(data), SeenAt: DateTimeOffset.UtcNow));
        var seen = new List<(string Id, JsonElement Change, DateTimeOffset SeenAt)>();
        await foreach (var happened in parser.EnumerateAsync())
            seen.Add((happened.EventId!, happened.Data.Change, happened.Data.SeenAt));

        Assert.Equal(["pending", "confirmed", "shipped"], seen.Select(one => one.Change.GetProperty("status").GetString()));
        Assert.True(seen[0].SeenAt < seen[1].Change.GetProperty("at").GetDateTimeOffset(), "pending was seen only after the order was confirmed");
        using var rest = await Demo.StreamAsync(orderId, lastEventId: seen[1].Id);
        var last = Assert.Single(SseParser.Create(await rest.Content.ReadAsStreamAsync()).Enumerate());
        Assert.Equal(seen[2].Id, last.EventId);
    }

    [Fact]
    public async Task A_declined_card_ends_cancelled_with_the_stock_back()
    {
        var orderId = await Demo.PlaceAsync(Shopper.Basket((await Demo.ProductsAsync())[2], 3, payment: "tok_declined"));

        var order = await Demo.FinalAsync(orderId);

        Assert.Equal("cancelled", order.GetProperty("status").GetString());
        Assert.Equal(["order.created", "order.items_reserved", "order.items_released", "order.cancelled"], await Demo.EventTypesAsync(orderId));
        Assert.Equal(["confirmation", "cancelled"], await NotificationsAsync(orderId, 2));
        await BalancedAsync();
    }

    [Fact]
    public async Task A_refused_address_is_undone_in_reverse_each_step_once()
    {
        var orderId = await Demo.PlaceAsync(Shopper.Basket((await Demo.ProductsAsync())[3], postcode: "00000"));

        var order = await Demo.FinalAsync(orderId);

        Assert.Equal("cancelled", order.GetProperty("status").GetString());
        Assert.Equal(
            ["order.created", "order.items_reserved", "order.payment_charged", "order.confirmed", "order.shipping_started", "order.payment_refunded", "order.items_released", "order.cancelled"],
            await Demo.EventTypesAsync(orderId));
        await BalancedAsync();
    }

    [Fact]
    public async Task An_order_beyond_the_stock_is_cancelled_without_a_charge()
    {
        var products = await Demo.ProductsAsync();
        var lines = products[4..14].Select(p => (p, 1)).Append((products[19], 1000)).ToArray();
        string[] orders = [.. await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Demo.PlaceAsync(Shopper.Basket(lines))))];

        var outcomes = await Task.WhenAll(orders.Select(o => Demo.FinalAsync(o)));

        Assert.Contains(outcomes, o => o.GetProperty("status").GetString() == "cancelled");
        foreach (var (orderId, outcome) in orders.Zip(outcomes))
        {
            if (outcome.GetProperty("status").GetString() == "cancelled")
                Assert.Equal(["order.created", "order.cancelled"], await Demo.EventTypesAsync(orderId));
        }
        await BalancedAsync();
    }

    [Fact]
    public async Task A_flaky_bank_is_asked_again_until_it_captures_once()
    {
        var orderId = await Demo.PlaceAsync(Shopper.Basket((await Demo.ProductsAsync())[5], payment: "tok_flaky"));
        Assert.Equal("shipped", (await Demo.FinalAsync(orderId)).GetProperty("status").GetString());
        Assert.Single(await Demo.EventTypesAsync(orderId), "order.payment_charged");
        await BalancedAsync();
    }

    [Fact]
    public async Task A_late_bank_captures_once_and_the_order_ships()
    {
        var orderId = await Demo.PlaceAsync(Shopper.Basket((await Demo.ProductsAsync())[6], payment: "tok_timeout"));
        Assert.Equal("shipped", (await Demo.FinalAsync(orderId, TimeSpan.FromSeconds(150))).GetProperty("status").GetString());
        Assert.Single(await Demo.EventTypesAsync(orderId), "order.payment_charged");
        await BalancedAsync();
    }

    [Fact]
    public async Task Twenty_identical_posts_at_once_make_one_order()
    {
        var basket = Shopper.Basket((await Demo.ProductsAsync())[7]);
        var key = Guid.NewGuid().ToString();

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Demo.PlaceAsync(basket, key)));

        var orderId = Assert.Single(ids.Distinct());
        await Demo.FinalAsync(orderId);
        Assert.Single(await Demo.EventTypesAsync(orderId), "order.created");
        await BalancedAsync();
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_422_and_another_user_gets_an_order_of_his_own()
    {
        var products = await Demo.ProductsAsync();
        var key = Guid.NewGuid().ToString();
        var orderId = await Demo.PlaceAsync(Shopper.Basket(products[8]), key);

        using var other = await Demo.SendAsync(HttpMethod.Post, "/api/orders", Shopper.Basket(products[8], 2), key);
        var admins = await fixture.Admin.PlaceAsync(Shopper.Basket(products[8]), key);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.NotEqual(orderId, admins);
        await Demo.FinalAsync(orderId);
        await fixture.Admin.FinalAsync(admins);
    }

    [Fact]
    public async Task A_cancelled_order_either_ships_or_is_undone_never_both()
    {
        var products = await Demo.ProductsAsync();
        var orders = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Demo.PlaceAsync(Shopper.Basket(products[9]))));
        foreach (var orderId in orders)
        {
            using var answer = await Demo.SendAsync(HttpMethod.Delete, $"/api/orders/{orderId}");
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"DELETE: {(int)answer.StatusCode}");
            var status = (await Demo.FinalAsync(orderId)).GetProperty("status").GetString();
            Assert.Equal(answer.StatusCode == HttpStatusCode.Accepted ? "cancelled" : "shipped", status);
        }
        await BalancedAsync();
    }

    [Fact]
    public async Task An_admin_changes_a_price_and_the_next_orders_pay_it()
    {
        var product = (await Demo.ProductsAsync())[15];
        var before = await TotalAsync();
        using var seen = await Demo.SendAsync(HttpMethod.Get, $"/api/products/{product}");
        using var changed = await fixture.Admin.SendAsync(
            HttpMethod.Patch, $"/api/admin/products/{product}", new { price = new { amount = before + 1_000, currency = "EUR" } }, Guid.NewGuid().ToString(), seen.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        // far less than the 30 s after which even a replica that heard nothing would ask again
        Assert.Equal(before + 1_000, await Shopper.UntilAsync(TotalAsync, total => total != before, TimeSpan.FromSeconds(15)));
        Assert.Equal(before + 1_000, await TotalAsync());
        await BalancedAsync();

        async Task<long> TotalAsync()
        {
            var order = await Demo.FinalAsync(await Demo.PlaceAsync(Shopper.Basket(product)));
            Assert.Equal("shipped", order.GetProperty("status").GetString());
            return order.GetProperty("total").GetProperty("amount").GetInt64();
        }
    }

    [Fact]
    public async Task The_books_balance_after_a_mixed_run()
    {
        var products = await Demo.ProductsAsync();
        var random = new Random(20261121);
        string[] tokens = ["tok_ok", "tok_ok", "tok_ok", "tok_declined", "tok_flaky"];
        string[] postcodes = ["10115", "10115", "10115", "00000"];
        var baskets = Enumerable.Range(0, 60).Select(_ => Shopper.Basket(
            [.. products.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(p => (p, random.Next(1, 5)))],
            tokens[random.Next(tokens.Length)],
            postcodes[random.Next(postcodes.Length)])).ToArray();

        var orders = await Task.WhenAll(baskets.Select(b => Demo.PlaceAsync(b)));
        var outcomes = await Task.WhenAll(orders.Select(o => Demo.FinalAsync(o)));

        Assert.Contains(outcomes, o => o.GetProperty("status").GetString() == "shipped");
        Assert.Contains(outcomes, o => o.GetProperty("status").GetString() == "cancelled");
        foreach (var (orderId, outcome) in orders.Zip(outcomes))
            Assert.Equal(["confirmation", outcome.GetProperty("status").GetString()!], await NotificationsAsync(orderId, 2));
        await BalancedAsync();
    }

    /// <summary>The kinds of the messages about an order, oldest first.</summary>
    private async Task<string[]> NotificationsAsync(string orderId, int count) =>
        [.. (await Demo.NotificationsAsync(count, orderId)).Select(n => n.GetProperty("kind").GetString()!).Reverse()];

    /// <summary>Other tests of the class may have orders in flight: the books must balance once all is final, and never differ for long.</summary>
    private async Task BalancedAsync() => await Books.BalancedAsync(fixture.Admin);
}
