using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>Conservation of stock, money and parcels, computed here from /api/admin/books and not taken from its own verdict alone.</summary>
internal static class Books
{
    public static async Task<JsonElement> BalancedAsync(Shopper admin, TimeSpan? limit = null)
    {
        var books = await Shopper.UntilAsync(() => admin.GetAsync("/api/admin/books"), b => b.GetProperty("balanced").GetBoolean() && IsSettled(b), limit);
        foreach (var product in books.GetProperty("stock").EnumerateArray())
        {
            Assert.Equal(Number(product, "initial"), Number(product, "onHand") + Number(product, "shipped"));
            Assert.True(Number(product, "onHand") >= 0, $"oversold: {product}");
        }
        var money = books.GetProperty("money");
        Assert.Equal(Amount(money, "shippedOrders"), Amount(money, "captured") - Amount(money, "refunded"));
        return books;
    }

    /// <summary>Every acknowledged order is there and no other, what left the house is what the shipped ones asked for, and each customer's message went out once.</summary>
    /// <param name="orders">All orders of the demo user; order i asked for <paramref name="quantity"/>(i) of product i, from the first again after the last.</param>
    public static async Task NothingIsLostOrDoubledAsync(Shopper demo, Shopper admin, string[] products, string[] orders, bool[] shipped, Func<int, int> quantity)
    {
        var books = await BalancedAsync(admin, TimeSpan.FromSeconds(30));
        var kept = (await demo.AllAsync("/api/orders")).Select(order => order.GetProperty("orderId").GetString()!);
        Assert.Equal(orders.Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
        Assert.Equal(shipped.Count(done => done), books.GetProperty("shipments").GetInt32());
        var left = Enumerable.Range(0, orders.Length).Where(i => shipped[i]).ToLookup(i => products[i % products.Length], quantity);
        foreach (var stock in books.GetProperty("stock").EnumerateArray())
            Assert.Equal(left[stock.GetProperty("productId").GetString()!].Sum(), stock.GetProperty("shipped").GetInt32());

        var told = (await demo.NotificationsAsync(2 * orders.Length)).ToLookup(n => n.GetProperty("orderId").GetString()!, n => n.GetProperty("kind").GetString()!);
        for (var i = 0; i < orders.Length; i++)
            Assert.Equal([shipped[i] ? "shipped" : "cancelled", "confirmation"], told[orders[i]]);
    }

    private static bool IsSettled(JsonElement books) => books.GetProperty("stock").EnumerateArray().All(p => Number(p, "reserved") == 0);

    private static long Number(JsonElement node, string name) => node.GetProperty(name).GetInt64();

    private static long Amount(JsonElement node, string name) => node.GetProperty(name) is { ValueKind: JsonValueKind.Object } money ? money.GetProperty("amount").GetInt64() : node.GetProperty(name).GetInt64();
}
