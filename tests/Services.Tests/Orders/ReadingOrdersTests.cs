using System.Net;
using Quayside.Contracts.Orders;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteReadingOrdersTests() : ReadingOrdersTests(null);

public sealed class PostgresReadingOrdersTests(PostgresServer server) : ReadingOrdersTests(server);

public abstract class ReadingOrdersTests(PostgresServer? server) : IAsyncLifetime
{
    private OrdersHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OrdersHost.StartAsync(server);

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? default;

    [Fact]
    public async Task Other_peoples_orders_are_unknown_but_not_to_an_admin()
    {
        using var ada = _host.As("ada");
        using var bob = _host.As("bob");
        using var admin = _host.As("root", "admin");
        var orderId = await ada.PlacedAsync("key");
        foreach (var path in new[] { "", "/events" })
        {
            using var peeked = await bob.GetAsync($"/api/orders/{orderId}{path}");
            Assert.Equal(HttpStatusCode.NotFound, peeked.StatusCode);
        }
        using var deleted = await bob.DeleteAsync($"/api/orders/{orderId}");
        Assert.Equal(HttpStatusCode.NotFound, deleted.StatusCode);
        Assert.Equal(orderId, (await admin.GetJsonAsync($"/api/orders/{orderId}"))["orderId"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_list_is_the_callers_own_newest_first_in_pages_without_holes_or_repeats()
    {
        using var ada = _host.As("ada");
        using var bob = _host.As("bob");
        List<string> placed = [];
        for (var i = 0; i < 7; i++)
            placed.Add(await ada.PlacedAsync($"key-{i}"));
        await bob.PlacedAsync("his own");
        await UntilAsync(() => ada.GetJsonAsync("/api/orders").Result["items"]!.AsArray().Count == 7);

        List<string> listed = [];
        string? cursor = null;
        do
        {
            var page = await ada.GetJsonAsync($"/api/orders?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            listed.AddRange(page["items"]!.AsArray().Select(order => order!["orderId"]!.GetValue<string>()));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Reverse(placed), listed);
        using var bad = await ada.GetAsync("/api/orders?cursor=nonsense!");
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        using var huge = await ada.GetAsync("/api/orders?limit=1000");
        Assert.Equal(HttpStatusCode.BadRequest, huge.StatusCode);
    }

    [Fact]
    public async Task A_read_right_after_a_command_shows_it_however_far_the_view_is_behind()
    {
        using var ada = _host.As("ada");
        for (var i = 0; i < 20; i++)
        {
            var orderId = await ada.PlacedAsync($"key-{i}");
            using var asked = await ada.DeleteAsync($"/api/orders/{orderId}");
            Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
            Assert.True((await ada.GetJsonAsync($"/api/orders/{orderId}"))["cancellationRequested"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task Views_and_relay_go_on_after_a_restart_and_everything_is_published_in_order()
    {
        using var ada = _host.As("ada");
        _host.BrokerIsDown = true;
        var orderId = await ada.PlacedAsync("key");
        (await ada.DeleteAsync($"/api/orders/{orderId}")).Dispose();
        await _host.RestartAsync();
        _host.BrokerIsDown = false;
        await UntilAsync(() => _host.Published.Count >= 2);
        Assert.Equal([OrderEvents.Created, OrderEvents.CancellationRequested], _host.Published.Select(e => e.EventType));
        using var again = _host.As("ada");
        Assert.Equal(orderId, (await again.GetJsonAsync("/api/orders"))["items"]![0]!["orderId"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_shard_report_counts_every_order_and_is_for_admins()
    {
        using var ada = _host.As("ada");
        for (var i = 0; i < 12; i++)
            await ada.PlacedAsync($"key-{i}");
        using var refused = await ada.GetAsync("/api/admin/shards");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var admin = _host.As("root", "admin");
        await UntilAsync(() => admin.GetJsonAsync("/api/admin/shards").Result["shards"]!.AsArray().Sum(s => s!["keys"]!.GetValue<int>()) == 12);
        var report = await admin.GetJsonAsync("/api/admin/shards");
        Assert.Equal(1024, report["shards"]!.AsArray().Sum(s => s!["buckets"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_change_of_the_configured_number_of_shards_moves_no_order()
    {
        using var ada = _host.As("ada");
        var orderId = await ada.PlacedAsync("key");
        await _host.RestartAsync("--Orders:Shards=9");
        using var later = _host.As("ada");
        Assert.Equal(orderId, (await later.GetJsonAsync($"/api/orders/{orderId}"))["orderId"]!.GetValue<string>());
        using var admin = _host.As("root", "admin");
        Assert.Equal(4, (await admin.GetJsonAsync("/api/admin/shards"))["shards"]!.AsArray().Count);
    }

    [Fact]
    public async Task Ready_when_the_shards_can_be_read()
    {
        using var anyone = _host.Anonymous();
        var ready = await anyone.GetJsonAsync("/healthz/ready");
        Assert.Equal("Healthy", ready["checks"]!["shards"]!.GetValue<string>());
    }
}
