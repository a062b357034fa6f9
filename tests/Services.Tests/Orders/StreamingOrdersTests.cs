using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Quayside.Contracts.Orders;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteStreamingOrdersTests() : StreamingOrdersTests(null);

public sealed class PostgresStreamingOrdersTests(PostgresServer server) : StreamingOrdersTests(server);

/// <summary>GET /api/orders/{id}/stream, at one replica of two while the saga talks to the other.</summary>
public abstract class StreamingOrdersTests(PostgresServer? server) : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private OrdersHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await OrdersHost.StartAsync(server, "--Orders:Live:Heartbeat=00:00:00.05", "--Orders:Live:StreamsPerUser=2");
        await _host.StartReplicaAsync();
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? default;

    [Fact]
    public async Task Each_change_of_the_status_arrives_when_it_happens_wherever_it_happens_and_the_last_ends_the_stream()
    {
        using var ada = _host.As("ada", replica: 1);
        var orderId = await ada.PlacedAsync("key");
        using var stream = await ada.OpenStreamAsync(orderId);
        await using var events = stream.Events();

        Assert.Equal(("1", "pending"), await NextAsync(events));
        await TellAsync(orderId, OrderStep.ReserveItems, OrderStep.ChargeCard);
        Assert.Equal(("4", "confirmed"), await NextAsync(events));
        await ShipAsync(orderId);
        Assert.Equal(("8", "shipped"), await NextAsync(events));
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task A_cancelled_order_says_why()
    {
        using var ada = _host.As("ada");
        using var sidecar = _host.AsSidecar(1);
        var orderId = await ada.PlacedAsync("key");
        using var stream = await ada.OpenStreamAsync(orderId);
        await using var events = stream.Events();
        await NextAsync(events);
        await sidecar.TellAsync<OrderCommandResult>("cancel", new CancelOrder(orderId, "c", "the card was declined"));

        Assert.Equal(("2", "cancelled"), await NextAsync(events));
        Assert.Equal("the card was declined", JsonNode.Parse(events.Current.Data)!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_comes_back_gets_what_he_has_not_seen_and_after_the_end_nothing()
    {
        using var ada = _host.As("ada");
        var orderId = await ada.PlacedAsync("key");
        await TellAsync(orderId, OrderStep.ReserveItems, OrderStep.ChargeCard);
        using var stream = await ada.OpenStreamAsync(orderId, lastEventId: "1");
        await using var events = stream.Events();
        Assert.Equal(("4", "confirmed"), await NextAsync(events));
        await ShipAsync(orderId);
        Assert.Equal(("8", "shipped"), await NextAsync(events));

        using var again = await ada.OpenStreamAsync(orderId, lastEventId: "4");
        await using var rest = again.Events();
        Assert.Equal(("8", "shipped"), await NextAsync(rest));
        Assert.False(await rest.MoveNextAsync());
        using var over = await ada.OpenStreamAsync(orderId, lastEventId: "8");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task While_nothing_happens_there_are_comment_lines()
    {
        using var ada = _host.As("ada");
        using var stream = await ada.OpenStreamAsync(await ada.PlacedAsync("key"));
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync());
        var comments = 0;
        while (comments < 5)
            comments += (await lines.ReadLineAsync().WaitAsync(Soon))!.StartsWith(':') ? 1 : 0;
    }

    [Fact]
    public async Task A_stream_is_for_the_owner_and_for_admins()
    {
        using var ada = _host.As("ada");
        using var bob = _host.As("bob");
        using var admin = _host.As("root", "admin");
        using var nobody = _host.Anonymous();
        var orderId = await ada.PlacedAsync("key");
        foreach (var (client, status) in new[] { (bob, HttpStatusCode.NotFound), (nobody, HttpStatusCode.Unauthorized), (admin, HttpStatusCode.OK) })
        {
            using var answer = await client.OpenStreamAsync(orderId);
            Assert.Equal(status, answer.StatusCode);
        }
        using var unknown = await ada.OpenStreamAsync(Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        foreach (var id in new[] { "x", "-1", "1e3", "99999999999999999999" })
        {
            using var nonsense = await ada.OpenStreamAsync(orderId, id);
            Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
            Assert.Contains("Last-Event-ID", await nonsense.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_user_has_so_many_streams_and_a_client_that_leaves_makes_room()
    {
        using var ada = _host.As("ada");
        using var bob = _host.As("bob");
        var orderId = await ada.PlacedAsync("key");
        using var first = await ada.OpenStreamAsync(orderId);
        using var second = await ada.OpenStreamAsync(orderId);
        using var third = await ada.OpenStreamAsync(orderId);
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.NotNull(third.Headers.RetryAfter);
        using var others = await bob.OpenStreamAsync(await bob.PlacedAsync("key"));
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);

        first.Dispose();
        await UntilAsync(() =>
        {
            using var next = ada.OpenStreamAsync(orderId).Result;
            return next.StatusCode is HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_stream_lasts_no_longer_than_the_token_that_opened_it()
    {
        using var ada = _host.As("ada", life: TimeSpan.FromSeconds(2));
        using var stream = await ada.OpenStreamAsync(await ada.PlacedAsync("key"));
        await using var events = stream.Events();
        Assert.Equal(("1", "pending"), await NextAsync(events));
        Assert.False(await events.MoveNextAsync().AsTask().WaitAsync(Soon));
    }

    [Fact]
    public async Task A_replica_that_stops_ends_its_streams_at_once()
    {
        using var ada = _host.As("ada", replica: 1);
        using var stream = await ada.OpenStreamAsync(await ada.PlacedAsync("key"));
        await using var events = stream.Events();
        await NextAsync(events);
        var stopping = _host.StopReplicaAsync(1);
        Assert.False(await events.MoveNextAsync().AsTask().WaitAsync(Soon));
        await stopping;
    }

    private static async Task<(string? Id, string Status)> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Soon));
        Assert.Equal("status", events.Current.EventType);
        return (events.Current.EventId, JsonNode.Parse(events.Current.Data)!["status"]!.GetValue<string>());
    }

    private async Task TellAsync(string orderId, params OrderStep[] steps)
    {
        using var sidecar = _host.AsSidecar(0);
        foreach (var step in steps)
            await sidecar.TellAsync<OrderCommandResult>("record-step", new RecordStep(orderId, $"{orderId}/{step}", step));
    }

    private async Task ShipAsync(string orderId)
    {
        using var sidecar = _host.AsSidecar(0);
        await sidecar.TellAsync<StartShippingResult>("start-shipping", new StartShipping(orderId, $"{orderId}/ship"));
        await TellAsync(orderId, OrderStep.CreateShipment, OrderStep.CommitStock);
    }
}

internal static class StreamRequests
{
    /// <summary>Completes with the headers.</summary>
    public static async Task<HttpResponseMessage> OpenStreamAsync(this HttpClient client, string orderId, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/orders/{orderId}/stream");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static IAsyncEnumerator<SseItem<string>> Events(this HttpResponseMessage stream) =>
        SseParser.Create(stream.Content.ReadAsStream()).EnumerateAsync().GetAsyncEnumerator();
}
