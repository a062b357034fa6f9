using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quayside.Contracts.Orders;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteReshardingTests() : ReshardingTests(null);

public sealed class PostgresReshardingTests(PostgresServer server) : ReshardingTests(server);

/// <summary>Two replicas go from four shards to six while customers and sagas go on.</summary>
public abstract class ReshardingTests(PostgresServer? server) : IAsyncLifetime
{
    private static readonly string[] Customers = ["ada", "bob", "cyd", "dan"];
    private readonly ConcurrentDictionary<string, long> _versions = new();
    private readonly Dictionary<string, OrderStatus> _books = [];
    private OrdersHost _host = null!;
    private HttpClient[] _sidecars = [];

    public async ValueTask InitializeAsync()
    {
        _host = await OrdersHost.StartAsync(server);
        await _host.StartReplicaAsync();
        _sidecars = [_host.AsSidecar(0), _host.AsSidecar(1)];
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? default;

    [Fact]
    public async Task Orders_flow_while_shards_are_added_and_no_one_misses_one_or_sees_one_twice_or_older()
    {
        for (var i = 0; i < 40; i++)
            await PlaceAsync(Customers[i % 4], $"early-{i}", i % 2);
        using var stop = new CancellationTokenSource();
        Task[] traffic =
        [
            .. Customers.Select((customer, i) => Task.Run(() => TradeAsync(customer, i % 2, stop.Token))),
            .. Customers.Select(customer => Task.Run(() => ListAsync(customer, stop.Token))),
            Task.Run(() => ReadAsync(stop.Token)),
            Task.Run(() => KeepBooksAsync(stop.Token)),
        ];
        try
        {
            using var admin = _host.As("root", "admin");
            using var accepted = await AddAsync(admin, 6, "six");
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            while (!Array.Exists(traffic, task => task.IsFaulted) && await StatusAsync(admin) != "finished")
                await Task.Delay(50, deadline.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(traffic);
        }
        await CheckAsync();
    }

    [Fact]
    public async Task Shards_are_added_by_admins_under_a_key_and_never_taken_away()
    {
        using var ada = _host.As("ada");
        using var admin = _host.As("root", "admin");
        Assert.Equal(HttpStatusCode.Forbidden, await AnswerAsync(ada, 6, "a"));
        Assert.Equal(HttpStatusCode.BadRequest, await AnswerAsync(admin, 6, key: null));
        Assert.Equal(HttpStatusCode.BadRequest, await AnswerAsync(admin, 3, "b"));
        Assert.Equal(HttpStatusCode.BadRequest, await AnswerAsync(admin, 65, "b"));
        Assert.Equal(HttpStatusCode.Accepted, await AnswerAsync(admin, 5, "c"));
        Assert.Equal(HttpStatusCode.Accepted, await AnswerAsync(admin, 5, "c"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await AnswerAsync(admin, 6, "c"));
        await UntilAsync(() => StatusAsync(admin).Result == "finished");
        var report = await admin.GetJsonAsync("/api/admin/shards");
        Assert.Equal(5, report["baseline"]!["keys"]!.AsArray().Count);
    }

    private async Task PlaceAsync(string customer, string key, int replica)
    {
        using var client = _host.As(customer, replica: replica);
        Saw(await client.PlacedAsync(key), 1);
    }

    private async Task TradeAsync(string customer, int replica, CancellationToken stop)
    {
        using var client = _host.As(customer, replica: replica);
        for (var i = 0; i < 70 && !stop.IsCancellationRequested; i++)
        {
            var id = await client.PlacedAsync($"key-{i}");
            Saw(id, 1);
            foreach (var step in new[] { OrderStep.ReserveItems, OrderStep.ChargeCard })
                Saw(id, (await _sidecars[(replica + i) % 2].TellAsync<OrderCommandResult>("record-step", new RecordStep(id, $"{id}/{step}", step))).Version);
            if (i % 5 == 0)
                (await client.DeleteAsync($"/api/orders/{id}", CancellationToken.None)).Dispose();
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private async Task ListAsync(string customer, CancellationToken stop)
    {
        using var here = _host.As(customer);
        using var there = _host.As(customer, replica: 1);
        HashSet<string> seen = [];
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var ids = Ids(await (i % 2 == 0 ? here : there).GetJsonAsync("/api/orders?limit=100"));
            Assert.Equal(ids.Distinct().Count(), ids.Count);
            Assert.Subset(ids.ToHashSet(), seen);
            seen = [.. ids];
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        HttpClient[] admins = [_host.As("root", "admin"), _host.As("root", "admin", replica: 1)];
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            foreach (var (id, known) in _versions.ToArray())
            {
                if (stop.IsCancellationRequested)
                    break;
                var version = (await admins[i++ % 2].GetJsonAsync($"/api/orders/{id}"))["version"]!.GetValue<long>();
                Assert.True(version >= known, $"{id} was at {known} and is at {version}");
                Saw(id, version);
            }
        }
    }

    private async Task KeepBooksAsync(CancellationToken stop)
    {
        string? cursor = null;
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            cursor = await ReadBooksAsync(cursor, i % 2);
            await Task.Delay(20, CancellationToken.None);
        }
        while (await ReadBooksAsync(cursor, 0) is var next && next != cursor && _books.Count < _versions.Count)
            cursor = next;
    }

    private async Task<string> ReadBooksAsync(string? cursor, int replica)
    {
        var page = await _sidecars[replica].TellAsync<OrderBooks>("books", new ReadOrderBooks(cursor));
        foreach (var order in page.Items.Where(order => order.Status == OrderStatus.Pending))
            Assert.True(_books.TryAdd(order.OrderId, order.Status), $"{order.OrderId} was told twice");
        return page.Cursor;
    }

    private async Task CheckAsync()
    {
        using var admin = _host.As("root", "admin", replica: 1);
        await UntilAsync(() => admin.GetJsonAsync("/api/admin/shards").Result["shards"]!.AsArray().Sum(shard => shard!["keys"]!.GetValue<int>()) == _versions.Count);
        var report = await admin.GetJsonAsync("/api/admin/shards");
        Assert.Equal(6, report["shards"]!.AsArray().Count);
        Assert.All(report["shards"]!.AsArray(), shard => Assert.InRange(shard!["buckets"]!.GetValue<int>(), 170, 171));
        Assert.InRange(report["resharding"]!["movedShare"]!.GetValue<double>(), 0.30, 0.37);
        Assert.True(report["shards"]!.AsArray().Skip(4).Sum(shard => shard!["keys"]!.GetValue<int>()) > _versions.Count / 5);

        List<string> events = [];
        foreach (var id in _versions.Keys)
        {
            var history = (await admin.GetJsonAsync($"/api/orders/{id}/events"))["items"]!.AsArray();
            Assert.Equal(Enumerable.Range(1, history.Count).Select(v => (long)v), history.Select(e => e!["version"]!.GetValue<long>()));
            events.AddRange(history.Select(e => e!["eventId"]!.GetValue<string>()));
        }
        await UntilAsync(() => _host.Published.DistinctBy(e => e.EventId).Count() >= events.Count);
        Assert.Equal(events.Order(), _host.Published.Select(e => e.EventId.ToString()).Distinct().Order());
        Assert.All(_host.Published.DistinctBy(e => e.EventId).GroupBy(e => e.AggregateId), of => Assert.Equal(of.Select(e => e.Version).Order(), of.Select(e => e.Version)));
        Assert.Equal(_versions.Keys.Order(), _books.Keys.Order());
        foreach (var customer in Customers)
        {
            using var client = _host.As(customer);
            using var other = _host.As(customer, replica: 1);
            Assert.Equal(Ids(await client.GetJsonAsync("/api/orders?limit=100")), Ids(await other.GetJsonAsync("/api/orders?limit=100")));
        }
    }

    private void Saw(string id, long version) => _versions.AddOrUpdate(id, version, (_, known) => Math.Max(known, version));

    private static List<string> Ids(JsonNode page) => [.. page["items"]!.AsArray().Select(order => order!["orderId"]!.GetValue<string>())];

    private static async Task<string?> StatusAsync(HttpClient admin) => (await admin.GetJsonAsync("/api/admin/shards"))["resharding"]?["status"]?.GetValue<string>();

    private static async Task<HttpStatusCode> AnswerAsync(HttpClient client, int shards, string? key)
    {
        using var answer = await AddAsync(client, shards, key);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> AddAsync(HttpClient client, int shards, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/admin/shards") { Content = JsonContent.Create(new { shards }) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }
}
