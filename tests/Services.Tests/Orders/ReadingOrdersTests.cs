using System.Buffers.Text;
using System.Net;
using System.Text.Json.Nodes;
using Quayside.Contracts.Orders;
using Quayside.Orders;
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
        foreach (var nonsense in new[] { "nonsense!", Base64Url.EncodeToString("1:\0"u8), Base64Url.EncodeToString("1:x"u8) })
        {
            using var bad = await ada.GetAsync($"/api/orders?cursor={nonsense}");
            Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        }

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
    public async Task A_list_asked_with_the_token_of_a_command_shows_what_it_did()
    {
        using var ada = _host.As("ada");
        for (var i = 0; i < 20; i++)
        {
            using var placed = await ada.PlaceAsync($"key-{i}", Body());
            var listed = await ListAsync(ada, Token(placed));
            Assert.Equal(i + 1, listed.Count);
            Assert.Equal(placed.Headers.Location!.ToString(), $"/api/orders/{listed[0]!["orderId"]}");
        }
        using var repeated = await ada.PlaceAsync("key-0", Body());
        Assert.Equal(20, (await ListAsync(ada, Token(repeated))).Count);
        // a version that nobody has seen is not waited for
        Assert.Equal(20, (await ListAsync(ada, new ConsistencyToken(Guid.NewGuid().ToString(), 99).ToString())).Count);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/orders") { Headers = { { ConsistencyToken.Header, "nonsense!" } } };
        using var refused = await ada.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.NotNull((await refused.JsonAsync())["errors"]![ConsistencyToken.Header]);
    }

    [Fact]
    public async Task An_unchanged_order_is_304_and_details_have_a_tag_of_their_own()
    {
        using var ada = _host.As("ada");
        var path = $"/api/orders/{await ada.PlacedAsync("key")}";
        var (brief, details) = (await TagAsync(ada, path), await TagAsync(ada, $"{path}?includeDetails=true"));
        Assert.NotEqual(brief, details);
        Assert.Equal(HttpStatusCode.NotModified, await GetUnlessAsync(ada, path, brief));
        Assert.Equal(HttpStatusCode.OK, await GetUnlessAsync(ada, path, details));
        (await ada.DeleteAsync(path)).Dispose();
        Assert.Equal(HttpStatusCode.OK, await GetUnlessAsync(ada, path, brief));
        Assert.NotEqual(brief, await TagAsync(ada, path));
        using var bob = _host.As("bob");
        Assert.Equal(HttpStatusCode.NotFound, await GetUnlessAsync(bob, path, brief));
    }

    [Fact]
    public async Task An_order_can_be_seen_as_it_was()
    {
        using var ada = _host.As("ada");
        var path = $"/api/orders/{await ada.PlacedAsync("key")}";
        var placedAt = (await ada.GetJsonAsync(path))["createdAt"]!.GetValue<string>();
        (await ada.DeleteAsync(path)).Dispose();

        var then = await ada.GetJsonAsync($"{path}?at={Uri.EscapeDataString(placedAt)}");
        Assert.Equal((1L, false), (then["version"]!.GetValue<long>(), then["cancellationRequested"]!.GetValue<bool>()));
        Assert.Equal(2, (await ada.GetJsonAsync($"{path}/events"))["items"]!.AsArray().Count);
        Assert.Single((await ada.GetJsonAsync($"{path}/events?at={Uri.EscapeDataString(placedAt)}"))["items"]!.AsArray());
        foreach (var read in new[] { path, $"{path}/events" })
        {
            using var before = await ada.GetAsync($"{read}?at=2020-01-01T00:00:00Z");
            Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);
            foreach (var bad in new[] { "yesterday", "2026-01-31", "2026-01-31T12:00:00" })
            {
                using var refused = await ada.GetAsync($"{read}?at={bad}");
                Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
                Assert.NotNull((await refused.JsonAsync())["errors"]!["at"]);
            }
        }
    }

    [Fact]
    public async Task No_reader_sees_an_older_version_than_it_has_seen_while_the_views_are_built_anew()
    {
        const int Orders = 12;
        using var ada = _host.As("ada");
        using var saga = _host.AsSidecar();
        var orders = await Task.WhenAll(Enumerable.Range(0, Orders).Select(i => ada.PlacedAsync($"key-{i}")));
        var listed = await ListAsync(ada, null);
        while (listed.Count < Orders)
            listed = await ListAsync(ada, null);

        var writing = Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (order, _) =>
        {
            await saga.TellAsync<OrderCommandResult>("record-step", new RecordStep(order, "1", OrderStep.ReserveItems));
            await saga.TellAsync<OrderCommandResult>("record-step", new RecordStep(order, "2", OrderStep.ChargeCard));
            await saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping(order, "3"));
            await saga.TellAsync<OrderCommandResult>("record-step", new RecordStep(order, "4", OrderStep.CreateShipment, "T"));
            await saga.TellAsync<OrderCommandResult>("record-step", new RecordStep(order, "5", OrderStep.CommitStock));
        });
        var rebuilt = 0;
        var rebuilding = Task.Run(async () =>
        {
            while (!writing.IsCompleted || rebuilt < 3)
            {
                await _host.RebuildViewsAsync();
                rebuilt++;
            }
        });
        Dictionary<string, long> seen = [];
        while (!rebuilding.IsCompleted)
            await ReadAsync();
        await Task.WhenAll(writing, rebuilding);
        await ReadAsync();
        Assert.All(orders, order => Assert.Equal(8, seen[order]));

        async Task ReadAsync()
        {
            var list = await ListAsync(ada, null);
            Assert.Equal(Orders, list.Count);
            foreach (var order in list)
                See(order!);
            foreach (var order in orders)
                See(await ada.GetJsonAsync($"/api/orders/{order}"));
        }

        void See(JsonNode order)
        {
            var (id, version) = (order["orderId"]!.GetValue<string>(), order["version"]!.GetValue<long>());
            Assert.True(version >= seen.GetValueOrDefault(id), $"{id}: {version} after {seen.GetValueOrDefault(id)}");
            seen[id] = version;
        }
    }

    private static string Token(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues(ConsistencyToken.Header));

    private static async Task<JsonArray> ListAsync(HttpClient client, string? token)
    {
        for (var tries = 1; ; tries++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/orders?limit=100");
            if (token is not null)
                request.Headers.Add(ConsistencyToken.Header, token);
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode == HttpStatusCode.OK)
                return (await answer.JsonAsync())["items"]!.AsArray();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.True(tries < 10, "the view does not come on");
            await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value);
        }
    }

    private static async Task<string> TagAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.Headers.ETag!.Tag;
    }

    private static async Task<HttpStatusCode> GetUnlessAsync(HttpClient client, string path, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", tag } } };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    [Fact]
    public async Task An_order_that_was_read_is_read_from_memory_until_it_changes()
    {
        using var ada = _host.As("ada");
        var (orderId, other) = (await ada.PlacedAsync("key"), await ada.PlacedAsync("other"));
        await ListAsync(ada, new ConsistencyToken(orderId, 1).ToString());
        await ListAsync(ada, new ConsistencyToken(other, 1).ToString());
        var read = await ada.GetJsonAsync($"/api/orders/{orderId}");
        await _host.SpoilViewsAsync();
        Assert.Equal(read.ToJsonString(), (await ada.GetJsonAsync($"/api/orders/{orderId}")).ToJsonString());
        using var unread = await ada.GetAsync($"/api/orders/{other}");
        Assert.NotEqual(HttpStatusCode.OK, unread.StatusCode);
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
        var listed = await ListAsync(again, new ConsistencyToken(orderId, 2).ToString());
        Assert.Equal(orderId, Assert.Single(listed)!["orderId"]!.GetValue<string>());
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
    public async Task Data_of_an_earlier_version_are_refused_with_the_cure()
    {
        await File.WriteAllBytesAsync(Path.Combine(_host.Folder, "user-keys.db"), []);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _host.RestartAsync());
        Assert.Contains("./dapr reset", refused.Message);
    }

    [Fact]
    public async Task Ready_when_the_shards_can_be_read()
    {
        using var anyone = _host.Anonymous();
        var ready = await anyone.GetJsonAsync("/healthz/ready");
        Assert.Equal("Healthy", ready["checks"]!["shards"]!.GetValue<string>());
    }
}
