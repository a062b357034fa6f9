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

    private static bool IsSettled(JsonElement books) => books.GetProperty("stock").EnumerateArray().All(p => Number(p, "reserved") == 0);

    private static long Number(JsonElement node, string name) => node.GetProperty(name).GetInt64();

    private static long Amount(JsonElement node, string name) => node.GetProperty(name) is { ValueKind: JsonValueKind.Object } money ? money.GetProperty("amount").GetInt64() : node.GetProperty(name).GetInt64();
}
