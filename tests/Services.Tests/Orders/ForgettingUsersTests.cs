using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Users;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Storage;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteForgettingUsersTests() : ForgettingUsersTests(null);

public sealed class PostgresForgettingUsersTests(PostgresServer server) : ForgettingUsersTests(server);

/// <summary>A user was deleted: what was placed goes on to its end, then nobody can read its address and token any more.</summary>
public abstract class ForgettingUsersTests(PostgresServer? server) : IAsyncLifetime
{
    private OrdersHost _host = null!;
    private HttpClient _ada = null!;
    private HttpClient _sidecar = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await OrdersHost.StartAsync(server, "--Orders:ForgetAfter=00:00:00.2");
        (_ada, _sidecar) = (_host.As("ada"), _host.AsSidecar());
    }

    public async ValueTask DisposeAsync()
    {
        _ada?.Dispose();
        _sidecar?.Dispose();
        await (_host?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task An_order_under_way_is_completed_with_its_address_then_the_key_is_destroyed_and_totals_books_and_history_stay()
    {
        var shipped = await _ada.PlacedAsync("shipped");
        var running = await _ada.PlacedAsync("running");
        await ShipAsync(shipped);
        await UntilAsync(() => BooksAsync().Result.Count == 3);
        var key = await KeyAsync("ada");
        Assert.Contains(key, await _host.StoredAsync(), StringComparison.Ordinal);
        using var bob = _host.As("bob");
        await ShipAsync(await bob.PlacedAsync("shipped"));
        await ForgetAsync("ada");
        await ForgetAsync("bob");
        // Whoever was marked first is looked at first: with his key gone hers was spared.
        await UntilAsync(() => KeyAsync("bob").Result.Length == 0);

        Assert.Equal("tok_ok", (await AskAsync(running, OrderStep.ReserveItems, OrderStep.ChargeCard)).PaymentToken);
        Assert.Equal("12 Secret Lane", (await ShipAsync(running))?.Street);
        await UntilAsync(() => KeyAsync("ada").Result.Length == 0);

        var (id, history) = (running, await _ada.GetJsonAsync($"/api/orders/{running}/events"));
        var order = await _ada.GetJsonAsync($"/api/orders/{id}?includeDetails=true");
        Assert.Equal(("shipped", 2_500L, 1), (order["status"]!.GetValue<string>(), order["total"]!["amount"]!.GetValue<long>(), order["lines"]!.AsArray().Count));
        Assert.Equal(8, history["items"]!.AsArray().Count);
        await UntilAsync(() => BooksAsync().Result.Count == 6);
        await _host.RebuildViewsAsync();
        Assert.Equal(order.ToJsonString(), (await _ada.GetJsonAsync($"/api/orders/{id}?includeDetails=true")).ToJsonString());

        await _host.RestartAsync();
        Assert.DoesNotContain(key, await _host.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_user_orders_nothing_more_on_any_replica_and_gets_no_new_key_though_the_event_comes_twice()
    {
        await _host.StartReplicaAsync();
        using var there = _host.As("ada", replica: 1);
        await ShipAsync(await _ada.PlacedAsync("one"));
        await ShipAsync(await there.PlacedAsync("two"));
        await ForgetAsync("ada");
        foreach (var customer in new[] { _ada, there })
            Assert.Equal(HttpStatusCode.NotFound, (await customer.PlaceAsync("three", Body())).StatusCode);
        await UntilAsync(() => KeyAsync("ada").Result.Length == 0);
        await ForgetAsync("ada");
        Assert.Equal(HttpStatusCode.NotFound, (await there.PlaceAsync("four", Body())).StatusCode);
        Assert.Empty(await KeyAsync("ada"));

        using var bob = _host.As("bob");
        await bob.PlacedAsync("one");
        Assert.NotEmpty(await KeyAsync("bob"));
    }

    [Fact]
    public async Task Forgetting_goes_on_after_a_restart()
    {
        var id = await _ada.PlacedAsync("key");
        await ForgetAsync("ada");
        await _host.RestartAsync();
        _sidecar.Dispose();
        _sidecar = _host.AsSidecar();
        Assert.NotEmpty(await KeyAsync("ada"));
        await _sidecar.TellAsync<OrderCommandResult>("cancel", new CancelOrder(id, "1", "x"));
        await UntilAsync(() => KeyAsync("ada").Result.Length == 0);
    }

    [Fact]
    public async Task An_order_whose_key_is_gone_is_neither_charged_nor_shipped()
    {
        var (uncharged, unshipped) = (await _ada.PlacedAsync("one"), await _ada.PlacedAsync("two"));
        await AskAsync(unshipped, OrderStep.ReserveItems, OrderStep.ChargeCard);
        await RecordAsync(unshipped, OrderStep.ChargeCard);
        await DirectoryAsync(session => session.ExecuteAsync("DELETE FROM user_keys"));
        await _host.RestartAsync();
        _sidecar.Dispose();
        _sidecar = _host.AsSidecar();

        var charge = await AskAsync(uncharged, OrderStep.ReserveItems, OrderStep.ChargeCard);
        Assert.Equal((false, OrderReasons.CustomerDeleted, null), (charge.MayStart, charge.StopReason, charge.PaymentToken));
        var ship = await _sidecar.TellAsync<StartShippingResult>("start-shipping", new StartShipping(unshipped, "ship"));
        Assert.Equal((OrderOutcome.Refused, OrderReasons.CustomerDeleted, null), (ship.Result, ship.Reason, ship.ShipTo));
    }

    [Fact]
    public async Task Strangers_delete_nobody_and_what_cannot_be_handled_is_parked()
    {
        using var admin = _host.PastTheSidecar();
        using var stranger = await admin.PostAsJsonAsync("/events/users/deleted", Deleted("ada"));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        var topics = (await _sidecar.GetJsonAsync("/dapr/subscribe")).AsArray().ToDictionary(one => one!["topic"]!.GetValue<string>());
        Assert.Equal("order-service-users-dead", topics["users"]!["deadLetterTopic"]!.GetValue<string>());
        Assert.Equal("events/dead", topics["order-service-users-dead"]!["route"]!.GetValue<string>());
    }

    private async Task ForgetAsync(string userId)
    {
        for (var delivery = 0; delivery < 2; delivery++)
        {
            using var answer = await _sidecar.PostAsJsonAsync("/events/users/deleted", Deleted(userId));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static EventEnvelope Deleted(string userId) => new(
        Guid.NewGuid(), userId, UserEvents.Deleted, 1, JsonSerializer.SerializeToElement(new UserEvent.Deleted(userId), JsonSerializerOptions.Web), new(), DateTimeOffset.UnixEpoch, 2);

    /// <summary>To its end; repeated steps change nothing.</summary>
    private async Task<Address?> ShipAsync(string id)
    {
        await RecordAsync(id, OrderStep.ReserveItems);
        await RecordAsync(id, OrderStep.ChargeCard);
        var started = await _sidecar.TellAsync<StartShippingResult>("start-shipping", new StartShipping(id, "ship"));
        Assert.Equal(OrderOutcome.Done, started.Result);
        await RecordAsync(id, OrderStep.CreateShipment);
        await RecordAsync(id, OrderStep.CommitStock);
        return started.ShipTo;
    }

    private async Task<OrderForSaga> AskAsync(string id, OrderStep done, OrderStep next)
    {
        await RecordAsync(id, done);
        return (await _sidecar.TellAsync<AskOrderResult>("ask", new AskOrder(id, next))).Order!;
    }

    private async Task RecordAsync(string id, OrderStep step) => Assert.Equal(
        OrderOutcome.Done, (await _sidecar.TellAsync<OrderCommandResult>("record-step", new RecordStep(id, $"{id}:{step}", step, "TRACK-1"))).Result);

    private async Task<IReadOnlyList<OrderBook>> BooksAsync() =>
        (await _sidecar.TellAsync<OrderBooks>("books", new ReadOrderBooks(null, 1_000))).Items;

    /// <summary>The wrapped key, each byte as one character; empty if there is none.</summary>
    private async Task<string> KeyAsync(string userId) => await DirectoryAsync(async session => await session.ReadFirstAsync(
        "SELECT wrapped FROM user_keys WHERE user_id = $1", row => Encoding.Latin1.GetString(row.GetFieldValue<byte[]>(0)), userId) ?? "");

    private Task<T> DirectoryAsync<T>(Func<SqlSession, ValueTask<T>> work) => _host.Services().GetRequiredService<OrdersDatabases>().Directory.WriteAsync(work, CancellationToken.None);
}
