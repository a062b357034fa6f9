using System.Collections.Concurrent;
using Quayside.Contracts.Inventory;
using Quayside.Inventory;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Inventory;

public sealed class ReservationTests
{
    private static readonly StockLine[] Lines = [new("p-02", 3), new("p-01", 2)];

    [Fact]
    public async Task A_repeated_reservation_takes_the_stock_once()
    {
        await using var house = await House.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => house.ReserveAsync("o1", Lines)));
        Assert.All(answers, answer => Assert.Equal(ReserveOutcome.Reserved, answer.Result));
        await Stands(house, "p-01", onHand: 9_998, reserved: 2, shipped: 0);
        await Stands(house, "p-02", onHand: 9_997, reserved: 3, shipped: 0);
    }

    [Fact]
    public async Task Reserve_and_commit_ships_and_nothing_undoes_it()
    {
        await using var house = await House.StartAsync();
        await house.ReserveAsync("o1", Lines);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.CommitAsync("o1")));
        Assert.Equal(ReleaseOutcome.Committed, (await house.ReleaseAsync("o1")).Result);
        Assert.Equal(ReserveOutcome.Reserved, (await house.ReserveAsync("o1", Lines)).Result);
        await Stands(house, "p-01", onHand: 9_998, reserved: 0, shipped: 2);
        await Stands(house, "p-02", onHand: 9_997, reserved: 0, shipped: 3);
    }

    [Fact]
    public async Task One_short_line_gives_all_lines_back()
    {
        await using var house = await House.StartAsync("--Inventory:InitialStock=5");
        Assert.Equal(new(ReserveOutcome.Refused, "out of stock: p-02"), await house.ReserveAsync("o1", new("p-01", 5), new("p-02", 6)));
        await Stands(house, "p-01", onHand: 5, reserved: 0, shipped: 0);
        Assert.Equal(ReserveOutcome.Reserved, (await house.ReserveAsync("o2", new StockLine("p-01", 5))).Result);
    }

    [Fact]
    public async Task Lines_of_one_product_count_together()
    {
        await using var house = await House.StartAsync("--Inventory:InitialStock=5");
        Assert.Equal(ReserveOutcome.Refused, (await house.ReserveAsync("o1", new("p-01", 3), new("p-01", 3))).Result);
        await Stands(house, "p-01", onHand: 5, reserved: 0, shipped: 0);
    }

    [Theory]
    [InlineData("p-01", 0)]
    [InlineData("p-01", -1)]
    [InlineData("unknown", 1)]
    public async Task Impossible_lines_are_refused(string productId, int quantity)
    {
        await using var house = await House.StartAsync();
        Assert.Equal(ReserveOutcome.Refused, (await house.ReserveAsync("o1", new StockLine(productId, quantity))).Result);
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task A_reservation_after_its_release_is_refused()
    {
        await using var house = await House.StartAsync();
        Assert.Equal(ReleaseOutcome.Nothing, (await house.ReleaseAsync("o1")).Result);
        Assert.Equal(ReserveOutcome.Refused, (await house.ReserveAsync("o1", Lines)).Result);
        Assert.Equal(CommitOutcome.Refused, (await house.CommitAsync("o1")).Result);
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task A_release_puts_the_stock_back_once()
    {
        await using var house = await House.StartAsync();
        await house.ReserveAsync("o1", Lines);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.ReleaseAsync("o1")));
        Assert.Equal(ReserveOutcome.Refused, (await house.ReserveAsync("o1", Lines)).Result);
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
        await Stands(house, "p-02", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task A_release_between_two_lines_leaves_neither_taken()
    {
        await using var house = await House.StartAsync();
        var betweenLines = new Moment();
        house.Sidecar.BeforeWrite = item => item.Key == "stock-p-02" ? betweenLines.PassAsync() : Task.CompletedTask;
        var reservation = house.ReserveAsync("o1", Lines);
        await betweenLines.Reached;
        var release = house.ReleaseAsync("o1");
        await House.Until(() => Task.FromResult(house.Sidecar.Documents["inventory-store/reservation-o1"].Contains("undone", StringComparison.Ordinal)));
        betweenLines.GoOn();
        Assert.Equal(ReserveOutcome.Refused, (await reservation).Result);
        await release;
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
        await Stands(house, "p-02", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task A_release_that_was_cut_off_is_finished_by_its_repeat()
    {
        await using var house = await House.StartAsync();
        await house.ReserveAsync("o1", Lines);
        house.Sidecar.BeforeWrite = item => item.Key.StartsWith("stock-", StringComparison.Ordinal) ? throw Broken() : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ReleaseAsync("o1"));
        house.Sidecar.BeforeWrite = _ => Task.CompletedTask;
        Assert.Equal(ReleaseOutcome.Released, (await house.ReleaseAsync("o1")).Result);
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
        await Stands(house, "p-02", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task A_commit_that_was_cut_off_is_finished_by_its_repeat()
    {
        await using var house = await House.StartAsync();
        await house.ReserveAsync("o1", Lines);
        house.Sidecar.BeforeWrite = item => item.Key.StartsWith("stock-", StringComparison.Ordinal) ? throw Broken() : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.CommitAsync("o1"));
        house.Sidecar.BeforeWrite = _ => Task.CompletedTask;
        Assert.Equal(CommitOutcome.Committed, (await house.CommitAsync("o1")).Result);
        await Stands(house, "p-02", onHand: 9_997, reserved: 0, shipped: 3);
    }

    [Fact]
    public async Task A_commit_that_a_release_overtook_is_refused()
    {
        await using var house = await House.StartAsync();
        await house.ReserveAsync("o1", Lines);
        var held = new Moment();
        house.Sidecar.BeforeWrite = item => item.Key == "reservation-o1" ? held.PassAsync() : Task.CompletedTask;
        var commit = house.CommitAsync("o1");
        await held.Reached;
        house.Sidecar.BeforeWrite = _ => Task.CompletedTask;
        Assert.Equal(ReleaseOutcome.Released, (await house.ReleaseAsync("o1")).Result);
        held.GoOn();
        Assert.Equal(CommitOutcome.Refused, (await commit).Result);
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
        await Stands(house, "p-02", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task Every_write_keeps_the_record_for_thirty_days()
    {
        await using var house = await House.StartAsync();
        ConcurrentQueue<string> lives = [];
        house.Sidecar.BeforeWrite = item =>
        {
            if (item.Key == "reservation-o1") lives.Enqueue(item.Metadata["ttlInSeconds"]);
            return Task.CompletedTask;
        };
        await house.ReserveAsync("o1", Lines);
        await house.CommitAsync("o1");
        Assert.Equal(["2592000", "2592000", "2592000"], lives);
    }

    [Fact]
    public async Task Two_replicas_that_write_one_stock_document_lose_neither_line()
    {
        await using var house = await House.StartAsync();
        await house.RunAsync([], ["other-replica"], InventoryApp.Create);
        var held = new Moment();
        house.Sidecar.BeforeWrite = item => item.Key == "stock-p-01" ? held.PassAsync() : Task.CompletedTask;
        var slow = house.ReserveAsync("o1", new StockLine("p-01", 2));
        await held.Reached;
        Assert.Equal(ReserveOutcome.Reserved, (await ReserveElsewhereAsync(house, "o2", new StockLine("p-01", 3))).Result);
        held.GoOn();
        Assert.Equal(ReserveOutcome.Reserved, (await slow).Result);
        await Stands(house, "p-01", onHand: 9_995, reserved: 5, shipped: 0);
    }

    [Fact]
    public async Task An_attempt_that_another_replica_overtook_gives_back_what_it_took_too_late()
    {
        await using var house = await House.StartAsync();
        await house.RunAsync([], ["other-replica"], InventoryApp.Create);
        var (slow, betweenLines) = await HoldBetweenLinesAsync(house);
        Assert.Equal(ReserveOutcome.Reserved, (await ReserveElsewhereAsync(house, "o1", Lines)).Result);
        betweenLines.GoOn();
        Assert.Equal(ReserveOutcome.Reserved, (await slow).Result);
        await Stands(house, "p-01", onHand: 9_998, reserved: 2, shipped: 0);
        await Stands(house, "p-02", onHand: 9_997, reserved: 3, shipped: 0);
    }

    [Fact]
    public async Task What_an_overtaken_attempt_took_before_it_crashed_is_swept_back()
    {
        await using var house = await House.StartAsync("--Inventory:SweepInterval=00:00:00.1");
        await house.RunAsync([], ["other-replica"], InventoryApp.Create);
        var (slow, betweenLines) = await HoldBetweenLinesAsync(house);
        Assert.Equal(ReserveOutcome.Reserved, (await ReserveElsewhereAsync(house, "o1", Lines)).Result);
        house.Sidecar.BeforeWrite = item => item.Key == "reservation-o1" ? throw Broken() : Task.CompletedTask;
        betweenLines.GoOn();
        await Assert.ThrowsAsync<HttpRequestException>(() => slow);
        await House.Until(async () => (await house.StockAsync())["p-02"].Reserved == 3);
        await Stands(house, "p-02", onHand: 9_997, reserved: 3, shipped: 0);
    }

    [Fact]
    public async Task A_line_left_behind_by_a_crash_is_swept_back()
    {
        await using var house = await House.StartAsync("--Inventory:SweepInterval=00:00:00.1");
        await house.ReserveAsync("o1", Lines);
        house.Sidecar.BeforeWrite = item => item.Key.StartsWith("stock-", StringComparison.Ordinal) ? throw Broken() : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.ReleaseAsync("o1"));
        house.Sidecar.BeforeWrite = _ => Task.CompletedTask;
        await House.Until(async () => (await house.StockAsync()).Values.Sum(book => book.Reserved) == 0);
        await Stands(house, "p-01", onHand: 10_000, reserved: 0, shipped: 0);
    }

    [Fact]
    public async Task A_commit_cut_off_by_a_crash_is_finished_by_the_sweep()
    {
        await using var house = await House.StartAsync("--Inventory:SweepInterval=00:00:00.1");
        await house.ReserveAsync("o1", Lines);
        house.Sidecar.BeforeWrite = item => item.Key.StartsWith("stock-", StringComparison.Ordinal) ? throw Broken() : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => house.CommitAsync("o1"));
        house.Sidecar.BeforeWrite = _ => Task.CompletedTask;
        await House.Until(async () => (await house.StockAsync()).Values.Sum(book => book.Reserved) == 0);
        await Stands(house, "p-02", onHand: 9_997, reserved: 0, shipped: 3);
    }

    [Fact]
    public async Task Stock_is_conserved_under_lost_answers_and_repeats()
    {
        await using var house = await House.StartAsync("--Inventory:InitialStock=40", "--Inventory:SweepInterval=00:00:00.1");
        var writes = 0;
        house.Sidecar.AfterWrite = _ => Interlocked.Increment(ref writes) % 7 == 0 ? throw Broken() : Task.CompletedTask;
        var dice = new Random(4711);
        var orders = Enumerable.Range(0, 60).Select(order => (Id: $"o{order}", Lines: Pick(dice), Ends: dice.Next(3))).ToList();

        await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (order, _) =>
        {
            var reserved = await InsistAsync(() => house.ReserveAsync(order.Id, order.Lines));
            if (order.Ends == 0) await InsistAsync(() => house.ReleaseAsync(order.Id));
            else if (reserved.Result == ReserveOutcome.Reserved) await InsistAsync(() => house.CommitAsync(order.Id));
        });

        await House.Until(async () => (await house.StockAsync()).Values.All(book => book.Reserved == 0));
        var committed = await Task.WhenAll(orders.Where(order => order.Ends != 0).Select(async order =>
            (await InsistAsync(() => house.CommitAsync(order.Id))).Result == CommitOutcome.Committed ? order.Lines : []));
        foreach (var book in (await house.StockAsync()).Values)
        {
            Assert.Equal(book.Initial, book.OnHand + book.Shipped);
            Assert.Equal(committed.SelectMany(lines => lines).Where(line => line.ProductId == book.ProductId).Sum(line => line.Quantity), book.Shipped);
        }
    }

    /// <summary>A reservation of o1 that has taken p-01 and is about to write p-02.</summary>
    private static async Task<(Task<ReserveItemsResult> Slow, Moment BetweenLines)> HoldBetweenLinesAsync(House house)
    {
        var betweenLines = new Moment();
        house.Sidecar.BeforeWrite = item => item.Key == "stock-p-02" ? betweenLines.PassAsync() : Task.CompletedTask;
        var slow = house.ReserveAsync("o1", Lines);
        await betweenLines.Reached;
        return (slow, betweenLines);
    }

    private static Task<ReserveItemsResult> ReserveElsewhereAsync(House house, string order, params StockLine[] lines) =>
        house.PostAsync<ReserveItems, ReserveItemsResult>("other-replica", "internal/inventory/reserve", new(order, lines));

    private static StockLine[] Pick(Random dice) =>
        [.. Enumerable.Range(1, 4).Where(_ => dice.Next(2) == 0).Append(5).Select(product => new StockLine($"p-0{product}", dice.Next(1, 4)))];

    private static LocalDapr.Protocol.Grpc.RpcException Broken() => new(LocalDapr.Protocol.Grpc.StatusCode.Unavailable, "broken");

    private static async Task<T> InsistAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (HttpRequestException) when (attempt < 50)
            {
            }
        }
    }

    private static async Task Stands(House house, string productId, long onHand, long reserved, long shipped) =>
        Assert.Equal(new StockBook(productId, onHand + reserved + shipped, onHand, reserved, shipped), (await house.StockAsync())[productId]);
}
