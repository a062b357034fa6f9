using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Quayside.House.Tests;

/// <summary>The drill of docs/databases.md: Orders gets an older copy of its databases back, while bank, carrier and stock are further on.</summary>
public sealed class RestoreTests
{
    private const string Orders = "order-service";

    /// <summary>Over the approval limit.</summary>
    private static readonly object Dear = Shopper.Basket("p-14", 402);

    /// <summary>The bank captures at once and answers late.</summary>
    private static readonly object Slow = Shopper.Basket("p-02", payment: "tok_timeout");

    [Fact]
    public async Task Every_order_is_repaired_or_named_and_nobody_is_charged_twice()
    {
        await using var house = await House.StartAsync(environment: new Dictionary<string, string>
        {
            // not so often that the breaker opens before Orders has started
            ["Outside__TimeoutAnswerAfter"] = "00:00:08", ["Sweep__Every"] = "00:00:10", ["Sweep__OverdueAfter"] = "00:00:02",
        });
        var (demo, admin) = (await Shopper.DemoAsync(house), await Shopper.AdminAsync(house));
        var kept = await demo.PlaceAsync(Shopper.Basket("p-01"));
        await demo.FinalAsync(kept);
        var (approved, rejected) = (await demo.PlaceAsync(Dear), await demo.PlaceAsync(Dear));
        foreach (var waiting in new[] { approved, rejected })
            await Shopper.UntilAsync(() => admin.GetAsync($"/api/admin/sagas/{waiting}"), saga => saga.GetProperty("step").GetString() == "Approval");
        var (underWay, withdrawn) = (await demo.PlaceAsync(Slow), await demo.PlaceAsync(Slow));
        foreach (var charged in new[] { underWay, withdrawn })
            await Shopper.UntilAsync(() => demo.EventTypesAsync(charged), events => events.Contains("order.items_reserved"));

        await CopyAsync(house);

        using (var cancelled = await demo.SendAsync(HttpMethod.Delete, $"/api/orders/{withdrawn}"))
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        await DecideAsync(admin, approved, "approve");
        await DecideAsync(admin, rejected, "reject");
        var (lost, declined) = (Shopper.Basket("p-03", 2), Shopper.Basket("p-04", payment: "tok_declined"));
        string[] placedSince = [await demo.PlaceAsync(lost, "lost-0"), await demo.PlaceAsync(lost, "lost-1"), await demo.PlaceAsync(declined, "lost-2")];
        string[] before = [kept, approved, rejected, underWay, withdrawn];
        string[] endings = ["shipped", "shipped", "cancelled", "shipped", "cancelled", "shipped", "shipped", "cancelled"];
        Assert.Equal(endings, await EndingsAsync(demo, [.. before, .. placedSince]));
        var money = Money(await Books.BalancedAsync(admin));

        await house.StopAsync();
        Restore(house);
        await house.RunAsync();

        // what the copy knows of is brought to its end again by itself; who decided on an approval since then, decides again
        Assert.Equal(["shipped", "shipped", "cancelled"], await EndingsAsync(demo, [kept, underWay, withdrawn]));
        await DecideAsync(admin, approved, "approve");
        await DecideAsync(admin, rejected, "reject");
        Assert.Equal(["shipped", "cancelled"], await EndingsAsync(demo, [approved, rejected]));
        Assert.Equal(before.Order(), (await demo.AllAsync("/api/orders")).Select(order => order.GetProperty("orderId").GetString()!).Order());

        // what it does not know of is named, until its customer asks for it again
        await NamedAsync(admin, placedSince[..2]);
        Assert.Equal(placedSince[0], await demo.PlaceAsync(lost, "lost-0"));
        Assert.Equal(placedSince[2], await demo.PlaceAsync(declined, "lost-2"));
        Assert.Equal(["shipped", "cancelled"], await EndingsAsync(demo, [placedSince[0], placedSince[2]]));
        await NamedAsync(admin, placedSince[1]);
        Assert.Equal(placedSince[1], await demo.PlaceAsync(lost, "lost-1"));
        Assert.Equal(["shipped"], await EndingsAsync(demo, [placedSince[1]]));
        Assert.Equal(money, Money(await Books.BalancedAsync(admin)));

        await demo.FinalAsync(await demo.PlaceAsync(Shopper.Basket("p-05")));
        await Books.BalancedAsync(admin);
    }

    /// <summary>Online: each file by itself, the directory last.</summary>
    private static async Task CopyAsync(House house)
    {
        var copies = Directory.CreateDirectory(Copies(house)).FullName;
        foreach (var file in Directory.GetFiles(house.FilesOf(Orders), "*.db").OrderBy(file => file.EndsWith("directory.db", StringComparison.Ordinal)))
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            await connection.OpenAsync();
            await using var copy = connection.CreateCommand();
            copy.CommandText = "VACUUM INTO $copy";
            copy.Parameters.AddWithValue("$copy", Path.Combine(copies, Path.GetFileName(file)));
            await copy.ExecuteNonQueryAsync();
        }
    }

    private static void Restore(House house)
    {
        Directory.Delete(house.FilesOf(Orders), recursive: true);
        Directory.Move(Copies(house), house.FilesOf(Orders));
    }

    private static string Copies(House house) => Path.Combine(house.DataFolder, "copies");

    private static async Task DecideAsync(Shopper admin, string orderId, string action)
    {
        using var answer = await admin.SendAsync(HttpMethod.Post, $"/api/admin/sagas/{orderId}/{action}", key: Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static async Task<string[]> EndingsAsync(Shopper demo, string[] orders)
    {
        var ended = await Task.WhenAll(orders.Select(order => demo.FinalAsync(order)));
        return [.. ended.Select(order => order.GetProperty("status").GetString()!)];
    }

    /// <summary>The books name these orders, each for its payment and its parcel, and beside them only the product that these orders took.</summary>
    private static Task<JsonElement> NamedAsync(Shopper admin, params string[] orders) => Shopper.UntilAsync(() => admin.GetAsync("/api/admin/books"), books =>
    {
        var differences = books.GetProperty("differences").EnumerateArray().Select(text => text.GetString()!).ToList();
        return orders.All(order => differences.Count(text => text.Contains(order, StringComparison.Ordinal)) == 2)
            && differences.Count(text => text.StartsWith("product p-03:", StringComparison.Ordinal)) == 1 && differences.Count == 2 * orders.Length + 1;
    });

    private static string Money(JsonElement books) => $"{books.GetProperty("money")}, {books.GetProperty("shipments")} parcels, {books.GetProperty("stock")}";
}
