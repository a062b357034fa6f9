using Quayside.Contracts.Orders;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteTwoReplicasTests() : TwoReplicasTests(null);

public sealed class PostgresTwoReplicasTests(PostgresServer server) : TwoReplicasTests(server);

/// <summary>Two replicas of Orders on the same databases, whoever of them a request meets.</summary>
public abstract class TwoReplicasTests(PostgresServer? server) : IAsyncLifetime
{
    private OrdersHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await OrdersHost.StartAsync(server);
        await _host.StartReplicaAsync();
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? default;

    [Fact]
    public async Task The_same_request_at_both_is_one_order_and_each_shows_what_the_other_did()
    {
        using var here = _host.As("ada");
        using var there = _host.As("ada", replica: 1);
        for (var i = 0; i < 10; i++)
        {
            var (one, same) = (here.PlacedAsync($"key-{i}"), there.PlacedAsync($"key-{i}"));
            Assert.Equal(await one, await same);
            Assert.Equal("pending", (await there.GetJsonAsync($"/api/orders/{await one}"))["status"]!.GetValue<string>());
            using var cancelled = await there.DeleteAsync($"/api/orders/{await one}");
            Assert.True((await here.GetJsonAsync($"/api/orders/{await one}"))["cancellationRequested"]!.GetValue<bool>());
        }
        foreach (var ada in new[] { here, there })
            await UntilAsync(() => ada.GetJsonAsync("/api/orders").Result["items"]!.AsArray().Count == 10);
    }

    [Fact]
    public async Task Commands_at_both_leave_a_history_without_gaps_and_each_event_is_published()
    {
        using var ada = _host.As("ada");
        HttpClient[] sidecars = [_host.AsSidecar(0), _host.AsSidecar(1)];
        var orders = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => ada.PlacedAsync($"key-{i}")));
        await Parallel.ForEachAsync(orders, async (order, _) =>
        {
            foreach (var step in new[] { OrderStep.ReserveItems, OrderStep.ChargeCard })
                await Task.WhenAll(sidecars.Select(sidecar => sidecar.TellAsync<OrderCommandResult>("record-step", new RecordStep(order, $"{order}/{step}", step))));
        });
        await UntilAsync(() => _host.Published.Select(e => e.EventId).Distinct().Count() == 40);
        foreach (var order in _host.Published.DistinctBy(e => e.EventId).GroupBy(e => e.AggregateId))
            Assert.Equal([OrderEvents.Created, OrderEvents.ItemsReserved, OrderEvents.PaymentCharged, OrderEvents.Confirmed], order.Select(e => e.EventType));
        foreach (var sidecar in sidecars)
            sidecar.Dispose();
    }

    [Fact]
    public async Task When_one_stops_the_other_goes_on_publishing()
    {
        using var ada = _host.As("ada", replica: 1);
        await ada.PlacedAsync("before");
        await UntilAsync(() => _host.Published.Count == 1);
        await _host.StopReplicaAsync(0);
        var after = await ada.PlacedAsync("after");
        await UntilAsync(() => _host.Published.Any(e => e.AggregateId == after));
    }
}
