using System.Net;
using System.Net.Http.Json;
using Quayside.Contracts.Orders;
using Quayside.Servers;
using Quayside.Services.Tests.Participants;
using static Quayside.Services.Tests.Orders.OrderRequests;

namespace Quayside.Services.Tests.Orders;

public sealed class SqliteSagaCommandsTests() : SagaCommandsTests(null);

public sealed class PostgresSagaCommandsTests(PostgresServer server) : SagaCommandsTests(server);

public abstract class SagaCommandsTests(PostgresServer? server) : IAsyncLifetime
{
    private OrdersHost _host = null!;
    private HttpClient _ada = null!;
    private HttpClient _saga = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await OrdersHost.StartAsync(server, "--Orders:ApprovalLimit=1000000");
        _ada = _host.As("ada");
        _saga = _host.AsSidecar();
    }

    public async ValueTask DisposeAsync()
    {
        _ada?.Dispose();
        _saga?.Dispose();
        await (_host?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task An_order_goes_its_whole_way_and_each_command_may_come_twice()
    {
        var id = await _ada.PlacedAsync("key");
        for (var repeat = 0; repeat < 2; repeat++)
        {
            await DoneAsync("record-step", new RecordStep(id, "1", OrderStep.ReserveItems));
            await DoneAsync("record-step", new RecordStep(id, "2", OrderStep.ChargeCard));
            await DoneAsync("start-shipping", new StartShipping(id, "3"));
            await DoneAsync("record-step", new RecordStep(id, "4", OrderStep.CreateShipment, "TRACK-1"));
            await DoneAsync("record-step", new RecordStep(id, "5", OrderStep.CommitStock));
        }
        Assert.Equal(
            [
                OrderEvents.Created, OrderEvents.ItemsReserved, OrderEvents.PaymentCharged, OrderEvents.Confirmed, OrderEvents.ShippingStarted,
                OrderEvents.ShipmentCreated, OrderEvents.StockCommitted, OrderEvents.Shipped,
            ],
            await HistoryAsync(id));
        var order = await _ada.GetJsonAsync($"/api/orders/{id}?includeDetails=true");
        Assert.Equal("shipped", order["status"]!.GetValue<string>());
        Assert.Equal("TRACK-1", order["shipment"]!["trackingId"]!.GetValue<string>());
        Assert.Equal("charged", order["payment"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_failed_order_is_undone_in_reverse_with_the_original_reason()
    {
        var id = await _ada.PlacedAsync("key");
        await DoneAsync("record-step", new RecordStep(id, "1", OrderStep.ReserveItems));
        await DoneAsync("record-step", new RecordStep(id, "2", OrderStep.ChargeCard));
        await RefusedAsync("cancel", new CancelOrder(id, "early", "address refused"));
        await RefusedAsync("record-compensation", new RecordCompensation(id, "wrong order", OrderStep.ReserveItems, true));
        await DoneAsync("record-compensation", new RecordCompensation(id, "3", OrderStep.CreateShipment, Happened: false));
        await DoneAsync("record-compensation", new RecordCompensation(id, "4", OrderStep.ChargeCard, true));
        await DoneAsync("record-compensation", new RecordCompensation(id, "5", OrderStep.ReserveItems, true));
        await RefusedAsync("record-step", new RecordStep(id, "late", OrderStep.ChargeCard));
        await DoneAsync("cancel", new CancelOrder(id, "6", "address refused"));
        await DoneAsync("cancel", new CancelOrder(id, "6", "address refused"));

        Assert.Equal(
            [
                OrderEvents.Created, OrderEvents.ItemsReserved, OrderEvents.PaymentCharged, OrderEvents.Confirmed, OrderEvents.PaymentRefunded,
                OrderEvents.ItemsReleased, OrderEvents.Cancelled,
            ],
            await HistoryAsync(id));
        var order = await _ada.GetJsonAsync($"/api/orders/{id}");
        Assert.Equal("address refused", order["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Delete_and_start_of_shipping_exclude_each_other()
    {
        for (var i = 0; i < 15; i++)
        {
            var id = await _ada.PlacedAsync($"key-{i}");
            await DoneAsync("record-step", new RecordStep(id, "1", OrderStep.ReserveItems));
            await DoneAsync("record-step", new RecordStep(id, "2", OrderStep.ChargeCard));
            // either may be sent first, and in the first two rounds is also answered first
            Task<StartShippingResult> Start() => _saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping(id, "3"));
            var earlyStart = i % 2 == 0 ? Start() : null;
            if (i == 0)
                await earlyStart!;
            var delete = _ada.DeleteAsync($"/api/orders/{id}");
            if (i == 1)
                await delete;
            var start = earlyStart ?? Start();
            using var deleted = await delete;
            var started = await start;
            Assert.Equal(deleted.StatusCode is HttpStatusCode.Accepted, started.Result is OrderOutcome.Refused);
            Assert.True(deleted.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict);
        }
    }

    [Fact]
    public async Task The_saga_is_told_to_stop_once_the_customer_asked_to_cancel()
    {
        var id = await _ada.PlacedAsync("key");
        Assert.True((await AskAsync(id, OrderStep.ReserveItems)).MayStart);
        (await _ada.DeleteAsync($"/api/orders/{id}")).Dispose();
        var asked = await AskAsync(id, OrderStep.ReserveItems);
        Assert.False(asked.MayStart);
        Assert.Equal(OrderReasons.CustomerCancelled, asked.StopReason);
        await RefusedAsync("start-shipping", new StartShipping(id, "1"));
        await DoneAsync("cancel", new CancelOrder(id, "2", asked.StopReason!));
        Assert.True((await AskAsync(id, null)).IsFinal);
        using var again = await _ada.DeleteAsync($"/api/orders/{id}");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task A_charge_that_comes_after_the_customer_asked_to_cancel_is_recorded_but_confirms_nothing()
    {
        var id = await _ada.PlacedAsync("key");
        await DoneAsync("record-step", new RecordStep(id, "1", OrderStep.ReserveItems));
        (await _ada.DeleteAsync($"/api/orders/{id}")).Dispose();
        await DoneAsync("record-step", new RecordStep(id, "2", OrderStep.ChargeCard));
        Assert.Equal([OrderEvents.Created, OrderEvents.ItemsReserved, OrderEvents.CancellationRequested, OrderEvents.PaymentCharged], await HistoryAsync(id));
        var started = await _saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping(id, "3"));
        Assert.Equal((OrderOutcome.Refused, OrderReasons.CustomerCancelled), (started.Result, started.Reason));
    }

    [Fact]
    public async Task Token_and_address_are_told_only_to_the_step_that_needs_them()
    {
        var id = await _ada.PlacedAsync("key");
        var before = await AskAsync(id, OrderStep.ReserveItems);
        Assert.Null(before.PaymentToken);
        await DoneAsync("record-step", new RecordStep(id, "1", OrderStep.ReserveItems));
        var charge = await AskAsync(id, OrderStep.ChargeCard);
        Assert.Equal("tok_ok", charge.PaymentToken);
        Assert.Null((await _saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping(id, "early"))).ShipTo);
        await DoneAsync("record-step", new RecordStep(id, "2", OrderStep.ChargeCard));
        var ship = await _saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping(id, "3"));
        Assert.Equal("12 Secret Lane", ship.ShipTo?.Street);
        Assert.Equal(ship, await _saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping(id, "3")));
    }

    [Fact]
    public async Task An_order_over_the_limit_waits_for_an_admin_and_a_rejected_one_does_not_start()
    {
        var dear = Body("""[{"productId":"p-1","quantity":801}]""");
        var approved = await _ada.PlacedAsync("one", dear);
        var rejected = await _ada.PlacedAsync("two", dear);
        var expired = await _ada.PlacedAsync("three", dear);
        Assert.Equal(OrderReasons.ApprovalAwaited, (await AskAsync(approved, OrderStep.ReserveItems)).StopReason);
        await DoneAsync("approve", new ApproveOrder(approved, "a", "root"));
        await DoneAsync("reject", new RejectOrder(rejected, "b", "root", "too dear"));
        await DoneAsync("expire-approval", new ExpireApproval(expired, "1"));
        await DoneAsync("expire-approval", new ExpireApproval(expired, "1"));
        await RefusedAsync("expire-approval", new ExpireApproval(approved, "1"));

        Assert.True((await AskAsync(approved, OrderStep.ReserveItems)).MayStart);
        Assert.Equal(OrderReasons.ApprovalRejected, (await AskAsync(rejected, OrderStep.ReserveItems)).StopReason);
        Assert.Equal(OrderReasons.ApprovalExpired, (await AskAsync(expired, OrderStep.ReserveItems)).StopReason);
        Assert.Equal([OrderEvents.Created, OrderEvents.ApprovalRequested, OrderEvents.Approved], await HistoryAsync(approved));
    }

    [Fact]
    public async Task Overdue_orders_come_in_pages_oldest_first()
    {
        string[] placed = [await _ada.PlacedAsync("one"), await _ada.PlacedAsync("two"), await _ada.PlacedAsync("three")];
        List<string> found = [];
        OpenOrder? last = null;
        do
        {
            var page = await _saga.TellAsync<OverdueOrders>("overdue", new FindOverdue(0, Limit: 2, last));
            found.AddRange(page.OrderIds);
            last = page.Last;
        }
        while (last is not null);
        Assert.Equal(placed, found);
    }

    [Fact]
    public async Task An_admin_who_cancels_is_named_in_the_history()
    {
        var id = await _ada.PlacedAsync("key");
        using var admin = _host.As("root", "admin");
        (await admin.DeleteAsync($"/api/orders/{id}")).Dispose();
        var asked = (await _ada.GetJsonAsync($"/api/orders/{id}/events"))["items"]!.AsArray()[^1]!;
        Assert.Equal((OrderEvents.CancellationRequested, "root", "root"),
            (asked["eventType"]!.GetValue<string>(), asked["actor"]!.GetValue<string>(), asked["data"]!["by"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Unknown_orders_are_answers_and_strangers_are_refused()
    {
        var unknown = await _saga.TellAsync<OrderCommandResult>("cancel", new CancelOrder("nothing", "1", "x"));
        Assert.Equal(OrderOutcome.UnknownOrder, unknown.Result);
        Assert.Equal(OrderOutcome.UnknownOrder, (await _saga.TellAsync<StartShippingResult>("start-shipping", new StartShipping("nothing", "1"))).Result);
        Assert.Null((await _saga.TellAsync<AskOrderResult>("ask", new AskOrder("nothing"))).Order);
        using var admin = _host.PastTheSidecar();
        using var stranger = await admin.PostAsJsonAsync("/internal/orders/ask", new AskOrder("nothing"));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task Overdue_orders_are_those_that_are_not_final()
    {
        var open = await _ada.PlacedAsync("one");
        var cancelled = await _ada.PlacedAsync("two");
        await DoneAsync("cancel", new CancelOrder(cancelled, "1", "x"));
        Assert.Equal([open], (await _saga.TellAsync<OverdueOrders>("overdue", new FindOverdue(0))).OrderIds);
        Assert.Empty((await _saga.TellAsync<OverdueOrders>("overdue", new FindOverdue(60))).OrderIds);
    }

    [Fact]
    public async Task The_books_tell_each_placing_and_each_end_once_whatever_the_page()
    {
        var cancelled = await _ada.PlacedAsync("0");
        for (var i = 1; i < 8; i++) await _ada.PlacedAsync($"{i}");
        var (first, cursor) = await ReadBooksAsync(null, limit: 1, until: await _ada.PlacedAsync("8"));
        await DoneAsync("cancel", new CancelOrder(cancelled, "1", "x"));
        var late = await _ada.PlacedAsync("late");
        var (second, _) = await ReadBooksAsync(cursor, limit: 5_000, until: late);

        Assert.Equal(9, first.Select(order => order.OrderId).Distinct().Count());
        Assert.All(first, order => Assert.Equal((OrderStatus.Pending, 2_500L, "p-1", 2), (order.Status, order.Total.Amount, order.Lines[0].ProductId, order.Lines[0].Quantity)));
        Assert.Equal(9, first.Count);
        Assert.Equal(new[] { (cancelled, OrderStatus.Cancelled), (late, OrderStatus.Pending) }.Order(), second.Select(order => (order.OrderId, order.Status)).Order());
        var found = (await _saga.TellAsync<FoundOrderBooks>("find-books", new FindOrderBooks([cancelled, "nothing", late]))).Items;
        Assert.Equal([(cancelled, OrderStatus.Cancelled, 1), (late, OrderStatus.Pending, 1)], found.Select(order => (order.OrderId, order.Status, order.Lines.Count)));
    }

    /// <summary>On PostgreSQL the transactions of other tests may hide the last orders for a while.</summary>
    private async Task<(List<OrderBook> Items, string Cursor)> ReadBooksAsync(string? cursor, int limit, string until)
    {
        List<OrderBook> items = [];
        await House.Until(async () =>
        {
            var page = await _saga.TellAsync<OrderBooks>("books", new ReadOrderBooks(cursor, limit));
            items.AddRange(page.Items);
            cursor = page.Cursor;
            return page.UpTo is null && items.Exists(order => order.OrderId == until);
        });
        return (items, cursor!);
    }

    private async Task DoneAsync(string command, object body) =>
        Assert.Equal(OrderOutcome.Done, (await _saga.TellAsync<OrderCommandResult>(command, body)).Result);

    private async Task RefusedAsync(string command, object body) =>
        Assert.Equal(OrderOutcome.Refused, (await _saga.TellAsync<OrderCommandResult>(command, body)).Result);

    private async Task<OrderForSaga> AskAsync(string id, OrderStep? step) =>
        (await _saga.TellAsync<AskOrderResult>("ask", new AskOrder(id, step))).Order!;

    private async Task<IEnumerable<string>> HistoryAsync(string id) =>
        (await _ada.GetJsonAsync($"/api/orders/{id}/events"))["items"]!.AsArray().Select(e => e!["eventType"]!.GetValue<string>());
}
