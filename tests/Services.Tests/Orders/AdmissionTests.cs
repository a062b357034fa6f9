using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Quayside.Contracts.Orders;
using Quayside.Servers;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteAdmissionTests() : AdmissionTests(null);

public sealed class PostgresAdmissionTests(PostgresServer server) : AdmissionTests(server);

/// <summary>More than can be finished in good time is refused at the door, and only there.</summary>
public abstract class AdmissionTests(PostgresServer? server)
{
    private const string Dear = """[{"productId":"yacht","quantity":1}]""";

    [Fact]
    public async Task Over_the_limit_of_running_sagas_a_new_order_is_503_at_every_replica_and_a_known_one_still_202()
    {
        await using var host = await OrdersHost.StartAsync(server, "--Orders:Admission:RunningSagas=3");
        await host.StartReplicaAsync();
        using var refusals = new Refusals();
        using var ada = host.As("ada");
        using var bob = host.As("bob", replica: 1);
        using var sidecar = host.AsSidecar();
        var first = await ada.PlacedAsync("key-0");
        await ada.PlacedAsync("key-1");
        await ada.PlacedAsync("key-2");

        await BusyAsync(await ada.PlaceAsync("key-3", Body()), HttpStatusCode.ServiceUnavailable);
        await UntilAsync(() => bob.PlaceAsync(Guid.NewGuid().ToString(), Body()).Result.StatusCode is HttpStatusCode.ServiceUnavailable);
        Assert.Equal(first, await ada.PlacedAsync("key-0"));
        using var invalid = await ada.PlaceAsync("key-4", Body("[]"));
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
        Assert.Contains("Sagas", refusals.Reasons);

        foreach (var order in (await ada.GetJsonAsync("/api/orders"))["items"]!.AsArray().Concat((await bob.GetJsonAsync("/api/orders"))["items"]!.AsArray()))
            await sidecar.TellAsync<OrderCommandResult>("cancel", new CancelOrder(order!["orderId"]!.GetValue<string>(), "c", "no stock"));
        await UntilAsync(() => ada.PlaceAsync("key-3", Body()).Result.StatusCode is HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task An_order_that_waits_for_an_approval_keeps_nobody_out_until_it_is_approved()
    {
        await using var host = await OrdersHost.StartAsync(server, "--Orders:Admission:RunningSagas=2", "--Orders:Admission:MeasureEvery=00:00:00");
        using var ada = host.As("ada");
        using var sidecar = host.AsSidecar();
        for (var i = 0; i < 5; i++)
        {
            await ada.PlacedAsync($"dear-{i}", Body(Dear));
            await UntilAsync(() => ada.GetJsonAsync("/api/orders").Result["items"]!.AsArray().Count == i + 1);
        }
        foreach (var dear in (await ada.GetJsonAsync("/api/orders"))["items"]!.AsArray().Take(2).Select(order => order!["orderId"]!.GetValue<string>()))
            await sidecar.TellAsync<OrderCommandResult>("approve", new ApproveOrder(dear, "a", "root"));
        await UntilAsync(() => ada.PlaceAsync(Guid.NewGuid().ToString(), Body(Dear)).Result.StatusCode is HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task One_user_cannot_keep_the_others_out()
    {
        await using var host = await OrdersHost.StartAsync(server, "--Orders:Admission:RunningSagas=1000", "--Orders:Admission:RunningSagasPerUser=5");
        using var ada = host.As("ada");
        using var bob = host.As("bob");
        for (var i = 0; i < 5; i++)
            await ada.PlacedAsync($"key-{i}");
        await BusyAsync(await ada.PlaceAsync("one more", Body()), HttpStatusCode.TooManyRequests);
        await bob.PlacedAsync("key");
    }

    [Fact]
    public async Task While_no_broker_takes_what_is_committed_nothing_more_is_admitted()
    {
        await using var host = await OrdersHost.StartAsync(server, "--Orders:Admission:RelayLag=00:00:00.3");
        using var ada = host.As("ada");
        host.BrokerIsDown = true;
        var first = await ada.PlacedAsync("first");
        HttpResponseMessage refused = null!;
        await UntilAsync(() => (refused = ada.PlaceAsync(Guid.NewGuid().ToString(), Body()).Result).StatusCode is not HttpStatusCode.Accepted);
        await BusyAsync(refused, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(first, await ada.PlacedAsync("first"));

        host.BrokerIsDown = false;
        await UntilAsync(() => ada.PlaceAsync("second", Body()).Result.StatusCode is HttpStatusCode.Accepted);
    }

    private static async Task BusyAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, await answer.Content.ReadAsStringAsync());
        answer.Dispose();
    }

    /// <summary>What the metric says; other tests of the process are counted too.</summary>
    private sealed class Refusals : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Refusals()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Quayside.Orders", Name: "orders.refused" })
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Reasons.Enqueue((string)tags[0].Value!));
            _listener.Start();
        }

        public ConcurrentQueue<string> Reasons { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
