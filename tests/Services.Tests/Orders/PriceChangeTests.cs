using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Quayside.Services.Tests.Orders;

/// <summary>What an order pays while prices change.</summary>
public sealed class PriceChangeTests : IAsyncLifetime
{
    private OrdersHost _orders = null!;

    public async ValueTask InitializeAsync() => _orders = await OrdersHost.StartAsync(server: null);

    public ValueTask DisposeAsync() => _orders.DisposeAsync();

    [Fact]
    public async Task An_order_after_the_invalidation_was_heard_pays_the_new_price()
    {
        Assert.Equal(2_500, await TotalOfOrderAsync("before"));
        (_orders.Neighbours.Prices["p-1"], _orders.Neighbours.Version) = (1_500, 2);
        Assert.Equal(2_500, await TotalOfOrderAsync("unheard"));
        await HearAsync("""{"key":"product:p-1","version":2,"at":638000000000000000}""");
        Assert.Equal(3_000, await TotalOfOrderAsync("heard"));

        // the same key is the same order at its own price
        Assert.Equal(2_500, await TotalOfOrderAsync("before"));
    }

    [Fact]
    public async Task A_price_older_than_what_was_heard_is_not_remembered()
    {
        await HearAsync("""{"key":"product:p-1","version":2,"at":638000000000000000}""");
        Assert.Equal(2_500, await TotalOfOrderAsync("a replica of Inventory that lags behind"));
        (_orders.Neighbours.Prices["p-1"], _orders.Neighbours.Version) = (1_500, 2);
        Assert.Equal(3_000, await TotalOfOrderAsync("the next order"));
    }

    [Fact]
    public async Task Only_the_sidecar_tells_of_invalidations()
    {
        using var admin = _orders.PastTheSidecar();
        using var answer = await admin.PostAsJsonAsync("/events/cache-invalidations", JsonNode.Parse("""{"key":"product:p-1","version":2,"at":1}"""));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task HearAsync(string message)
    {
        using var sidecar = _orders.AsSidecar();
        using var answer = await sidecar.PostAsJsonAsync("/events/cache-invalidations", JsonNode.Parse(message));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Always that of its own lines.</summary>
    private async Task<long> TotalOfOrderAsync(string key)
    {
        using var client = _orders.As("ada");
        var order = await client.GetJsonAsync($"/api/orders/{await client.PlacedAsync(key)}?includeDetails=true");
        var total = order["total"]!["amount"]!.GetValue<long>();
        Assert.Equal(total, order["lines"]!.AsArray().Sum(line => line!["quantity"]!.GetValue<long>() * line["unitPrice"]!["amount"]!.GetValue<long>()));
        return total;
    }
}
