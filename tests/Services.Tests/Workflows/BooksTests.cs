using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Workflows.Reconciling;

namespace Quayside.Services.Tests.Workflows;

/// <summary>Right books are never called wrong, whenever they are read; wrong ones always are.</summary>
public sealed class BooksTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>Each does one thing wrong and says how that is called.</summary>
    private static readonly Dictionary<string, Func<ModelHouse, (DifferenceKind Kind, string Subject)>> Corruptions = new()
    {
        ["two captures"] = house => Then(house.Shipped[0], DifferenceKind.Payment, id => house.Write(house.Bank, id, LedgerKinds.Capture, 5)),
        ["a refund of a shipped order"] = house => Then(house.Shipped[0], DifferenceKind.Payment, id => house.Write(house.Bank, id, LedgerKinds.Refund, 5)),
        ["a capture for a cancelled order"] = house => Then(house.Cancelled[0], DifferenceKind.Payment, id => house.Write(house.Bank, id, LedgerKinds.Capture, 5)),
        ["a capture for nothing"] = house => Then("nobody", DifferenceKind.UnknownPayment, id => house.Write(house.Bank, id, LedgerKinds.Capture, 5)),
        ["a parcel for nothing"] = house => Then("nobody", DifferenceKind.UnknownShipment, id => house.Write(house.Carrier, id, LedgerKinds.Shipment)),
        ["a parcel of a cancelled order"] = house => Then(house.Cancelled[0], DifferenceKind.Shipment, id => house.Write(house.Carrier, id, LedgerKinds.Shipment)),
        ["a shipped order's parcel taken back"] = house => Then(house.Shipped[0], DifferenceKind.Shipment, id => house.Write(house.Carrier, id, LedgerKinds.Cancellation)),
        ["another amount captured"] = house => Ship(house, DifferenceKind.Payment, capture: 1),
        ["shipped without a capture"] = house => Ship(house, DifferenceKind.Payment, capture: null),
        ["shipped without a parcel"] = house => Ship(house, DifferenceKind.Shipment, parcel: false),
        ["cancelled without a refund"] = house => Cancel(house, DifferenceKind.Payment, order => house.Write(house.Bank, order.OrderId, LedgerKinds.Capture, order.Total.Amount)),
        ["a line left open for a shipped order"] = house => Then(house.Shipped[0], DifferenceKind.Reservation, id => house.Reserve(id, "p-1", 1, "#9"), id => $"p-1/{id}#9"),
        ["a line left open for a cancelled order"] = house => Then(house.Cancelled[0], DifferenceKind.Reservation, id => house.Reserve(id, "p-1", 1, "#9"), id => $"p-1/{id}#9"),
        ["a line for nothing"] = house => Then("nobody", DifferenceKind.UnknownReservation, id => house.Reserve(id, "p-1", 1), id => $"p-1/{id}"),
        ["a piece lost"] = house => Then("p-1", DifferenceKind.Stock, id => house.Change(id, stock => stock with { OnHand = stock.OnHand - 1 })),
        ["a piece too many shipped"] = house => Then("p-1", DifferenceKind.ShippedStock, id => house.Change(id, stock => stock with { OnHand = stock.OnHand - 1, Shipped = stock.Shipped + 1 })),
        ["a piece too few shipped"] = house => Then("p-1", DifferenceKind.ShippedStock, id => house.Change(id, stock => stock with { OnHand = stock.OnHand + 1, Shipped = stock.Shipped - 1 })),
        ["shipped from no stock"] = house => Ship(house, DifferenceKind.ShippedStock, commit: false),
        ["stock gone for a cancelled order"] = house => Cancel(house, DifferenceKind.ShippedStock, order =>
        {
            house.Reserve(order.OrderId, "p-1", 1);
            house.Commit(order.OrderId, "p-1");
        }),
    };

    public static TheoryData<string> Names => [.. Corruptions.Keys];

    /// <summary>Placed on one shard, moved, ended on another: whoever reads from the beginning may come to the end first.</summary>
    [Fact]
    public async Task An_end_that_is_told_before_its_placing_counts_once_and_is_no_difference()
    {
        var (house, first, time) = Open(seed: 7, orders: 12);
        while (!house.IsQuiet) await BalancedAsync(first);
        var told = house.Orders.OrderBy(order => order.Status == OrderStatus.Pending).ToList();
        house.Orders.Clear();
        house.Orders.AddRange(told);
        var books = await BalancedAsync(new BooksReader(house, Grace, time));
        var worth = house.Shipped.Sum(id => told.First(order => order.OrderId == id).Total.Amount);
        Assert.True(worth > 0);
        Assert.Equal(worth, books.Money.ShippedOrders.Amount);
    }

    [Fact]
    public void A_house_that_does_everything_right_shows_no_difference_whenever_it_is_read()
    {
        long shipped = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var (house, reader, _) = Open(seed, orders: 1 + (seed % 12));
            while (!house.IsQuiet) BalancedAsync(reader).GetAwaiter().GetResult();
            var books = BalancedAsync(reader).GetAwaiter().GetResult();
            var worth = house.Shipped.Sum(id => house.Orders.First(order => order.OrderId == id).Total.Amount);
            Assert.Equal((worth, worth), (books.Money.ShippedOrders.Amount, books.Money.Captured.Amount - books.Money.Refunded.Amount));
            Assert.Equal(house.Carrier.Count(line => line.Kind == LedgerKinds.Shipment), books.Shipments);
            shipped += house.Shipped.Length;
        }));
        Assert.True(shipped > 400, $"{shipped}");
    }

    /// <param name="name">Of the corruption; it happens while other orders are in flight.</param>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_thing_that_goes_wrong_is_named_once_all_is_quiet_and_nothing_else(string name)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var (house, reader, time) = Open(seed);
            while (house.Shipped.Length == 0 || house.Cancelled.Length == 0)
            {
                if (house.IsQuiet) house.Begin(5);
                await BalancedAsync(reader);
            }
            var expected = Corruptions[name](house);
            while (!house.IsQuiet) await reader.ReadAsync(default);
            await reader.ReadAsync(default);
            time.Advance(Grace);
            for (var pass = 0; pass < 2; pass++)
            {
                var (books, differences) = await reader.ReadAsync(default);
                Assert.False(books.Balanced);
                Assert.Contains(expected, differences.Select(difference => (difference.Kind, difference.Subject)));
                // what was shipped or not, and was not in order, may show in the warehouse too
                Assert.All(differences, difference => Assert.True(
                    (difference.Kind, difference.Subject) == expected || difference.Kind is DifferenceKind.ShippedStock or DifferenceKind.Shipment or DifferenceKind.Money, difference.Text));
            }
        }
    }

    [Fact]
    public async Task What_is_put_right_is_no_difference_any_more()
    {
        var (house, reader, _) = Open(1);
        while (!house.IsQuiet) await BalancedAsync(reader);
        await BalancedAsync(reader);
        house.Write(house.Bank, "nobody", LedgerKinds.Capture, 5);
        house.Write(house.Bank, house.Cancelled[0], LedgerKinds.Capture, 7);
        Assert.Equal(2, (await reader.ReadAsync(default)).Differences.Count);
        house.Write(house.Bank, "nobody", LedgerKinds.Refund, 5);
        house.Place("nobody-2");
        Assert.Equal(DifferenceKind.Payment, Assert.Single((await reader.ReadAsync(default)).Differences).Kind);
    }

    [Fact]
    public async Task A_line_of_a_final_order_is_a_difference_only_when_it_stays()
    {
        var (house, reader, time) = Open(2);
        while (!house.IsQuiet) await BalancedAsync(reader);
        house.Reserve(house.Shipped[0], "p-1", 1, "#2");
        await BalancedAsync(reader);
        time.Advance(Grace - TimeSpan.FromSeconds(1));
        await BalancedAsync(reader);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DifferenceKind.Reservation, Assert.Single((await reader.ReadAsync(default)).Differences).Kind);
        house.Release(house.Shipped[0], "p-1", "#2");
        await BalancedAsync(reader);
        house.Reserve(house.Shipped[0], "p-1", 1, "#2");
        await BalancedAsync(reader);
    }

    [Fact]
    public async Task A_pass_reads_only_what_is_new_and_looks_nothing_up_while_all_is_well()
    {
        var (house, _, time) = Open(3);
        while (!house.IsQuiet) house.Step(10);
        var source = new CountingSource(house);
        var reader = new BooksReader(source, Grace, time);
        await BalancedAsync(reader);
        Assert.Equal((house.Orders.Count, house.Bank.Count, house.Carrier.Count), (source.Orders, source.Bank, source.Carrier));
        await BalancedAsync(reader);
        Assert.Equal((house.Orders.Count, house.Bank.Count, house.Carrier.Count), (source.Orders, source.Bank, source.Carrier));
        house.Write(house.Bank, house.Shipped[0], LedgerKinds.Failure);
        await BalancedAsync(reader);
        Assert.Equal(1, source.LookedUp);
    }

    [Fact]
    public async Task A_pass_that_fails_in_the_middle_is_taken_up_where_it_failed()
    {
        var (house, _, time) = Open(4);
        while (!house.IsQuiet) house.Step(10);
        var source = new CountingSource(house) { FailsUntil = 40 };
        var reader = new BooksReader(source, Grace, time);
        var failures = 0;
        while (source.Calls < 40)
        {
            if (await Record.ExceptionAsync(() => reader.ReadAsync(default)) is HttpRequestException) failures++;
        }
        await BalancedAsync(reader);
        Assert.True(failures > 10, $"{failures}");
        Assert.Equal((house.Orders.Count, house.Bank.Count, house.Carrier.Count), (source.Orders, source.Bank, source.Carrier));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public void The_sum_at_the_bank_lies_between_what_has_shipped_and_what_could_have(long held, bool isRight)
    {
        var (shipped, couldShip) = (new Totals(10, ImmutableDictionary<string, long>.Empty), new Totals(15, ImmutableDictionary<string, long>.Empty));
        Assert.Equal(isRight, !BooksRules.OfMoney(held, shipped, couldShip).Any());
    }

    private static (ModelHouse House, BooksReader Reader, ManualTime Time) Open(int seed, int orders = 12)
    {
        var time = new ManualTime();
        var house = new ModelHouse(seed, time);
        house.Begin(orders);
        return (house, new BooksReader(house, Grace, time), time);
    }

    private static async Task<Books> BalancedAsync(BooksReader reader)
    {
        var (books, differences) = await reader.ReadAsync(default);
        Assert.True(books.Balanced, string.Join("; ", differences.Select(difference => difference.Text)));
        return books;
    }

    private static (DifferenceKind, string) Then(string subject, DifferenceKind kind, Action<string> corrupt, Func<string, string>? name = null)
    {
        corrupt(subject);
        return (kind, name?.Invoke(subject) ?? subject);
    }

    private static (DifferenceKind, string) Ship(ModelHouse house, DifferenceKind kind, long? capture = 0, bool parcel = true, bool commit = true)
    {
        var order = house.Place();
        foreach (var line in order.Lines)
        {
            house.Reserve(order.OrderId, line.ProductId, line.Quantity);
            if (commit) house.Commit(order.OrderId, line.ProductId);
            else house.Release(order.OrderId, line.ProductId);
        }
        if (capture is { } more) house.Write(house.Bank, order.OrderId, LedgerKinds.Capture, order.Total.Amount + more);
        if (parcel) house.Write(house.Carrier, order.OrderId, LedgerKinds.Shipment);
        house.End(order, OrderStatus.Shipped);
        return (kind, kind == DifferenceKind.ShippedStock ? "p-1" : order.OrderId);
    }

    private static (DifferenceKind, string) Cancel(ModelHouse house, DifferenceKind kind, Action<OrderBook> before)
    {
        var order = house.Place();
        before(order);
        house.End(order, OrderStatus.Cancelled);
        return (kind, kind == DifferenceKind.ShippedStock ? "p-1" : order.OrderId);
    }

    /// <summary>Counts rows, and fails now and then.</summary>
    private sealed class CountingSource(ModelHouse house) : IBooksSource
    {
        public int Calls { get; private set; }

        public int Orders { get; private set; }

        public int Bank { get; private set; }

        public int Carrier { get; private set; }

        public int LookedUp { get; private set; }

        public int FailsUntil { get; init; }

        public async Task<OrderBooks> ReadOrdersAsync(string? cursor, CancellationToken cancellationToken)
        {
            Call();
            var page = await house.ReadOrdersAsync(cursor, cancellationToken);
            Orders += page.Items.Count;
            return page;
        }

        public Task<IReadOnlyList<OrderBook>> FindOrdersAsync(IReadOnlyList<string> orderIds, CancellationToken cancellationToken)
        {
            Call();
            LookedUp += orderIds.Count;
            return house.FindOrdersAsync(orderIds, cancellationToken);
        }

        public async Task<LedgerLines> ReadLinesAsync(Ledger ledger, long after, CancellationToken cancellationToken)
        {
            Call();
            var page = await house.ReadLinesAsync(ledger, after, cancellationToken);
            if (ledger == Ledger.Bank) Bank += page.Lines.Count;
            else Carrier += page.Lines.Count;
            return page;
        }

        public Task<IReadOnlyList<LedgerLine>> FindLinesAsync(Ledger ledger, IReadOnlyList<string> keys, CancellationToken cancellationToken)
        {
            Call();
            return house.FindLinesAsync(ledger, keys, cancellationToken);
        }

        public Task<InventoryBooks> ReadStockAsync(CancellationToken cancellationToken)
        {
            Call();
            return house.ReadStockAsync(cancellationToken);
        }

        private void Call()
        {
            if (++Calls % 3 == 0 && Calls < FailsUntil) throw new HttpRequestException("now and then");
        }
    }
}
