using System.Text.Json;
using Quayside.Contracts.Inventory;
using Quayside.Inventory.Stock;
using Quayside.Services.Tests.Participants;

namespace Quayside.Services.Tests.Models;

/// <summary>Stock: no piece is made or lost, the lines of a done order stand, a committed order's pieces leave once, an undone order ends with nothing.</summary>
internal sealed class StockWalk(ParticipantHouse house) : Walk(house)
{
    public const int Commands = 7, Initial = 4;
    public const string Sweeper = "sweeper";

    private const string LastProduct = "stock-p-20";
    private static readonly string[] Products = ["p-01", "p-02"];

    private static readonly Dictionary<string, StockLine[]> Wanted = new()
    {
        ["o0"] = [new("p-02", 1), new("p-01", 2)],
        ["o1"] = [new("p-01", 3)],
        ["o2"] = [new("p-02", 1), new("p-01", 1), new("p-02", 2)],
    };

    private readonly HashSet<string> releasing = [];
    private readonly HashSet<(string Order, string Product)> wasShort = [];
    private readonly HashSet<string> reserving = [];
    private readonly Dictionary<Errand, StockCourse> courses = [];
    private TaskCompletionSource<object>? swept;

    /// <summary>A sweep looks at every product; the walk waits only at those that orders want, and at the last.</summary>
    public static bool IsFree(Replica replica, SidecarCall call) =>
        replica.Name == Sweeper && call.Target != LastProduct && call.Target.StartsWith("stock-", StringComparison.Ordinal) && !Products.Contains(call.Target["stock-".Length..]);

    protected override Errand Choose(Replica replica, string order, int command) => (replica.Name, command) switch
    {
        (Sweeper, _) => Sweep(),
        (_, < 3) => Reserve(order),
        (_, < 5) => Release(order),
        _ => Commit(order),
    };

    protected override int Expected(Replica replica) => courses.TryGetValue(ErrandOf(replica)!, out var course) ? course.Expected(replica) : 1;

    protected override void Went(Replica replica, HeldCall call, Fate fate)
    {
        var errand = ErrandOf(replica)!;
        if (courses.TryGetValue(errand, out var course)) course.Went(call, fate, Record(errand.Order!), Stock);
        else if (fate is not Fate.Happens || call.Call.Target == LastProduct) swept!.TrySetResult("swept");
    }

    protected override void Abandon() => swept?.TrySetResult("abandoned");

    /// <summary>A replica that another one overtakes in the middle of a reservation cannot tell how it ends.</summary>
    protected override bool MayFail(Errand errand) => errand.Order is not null && StagesSince(errand).Count(stage => stage == "intent") > 1;

    protected override void Check()
    {
        foreach (var product in Products)
        {
            var stock = Stock(product);
            Assert.True(stock.OnHand >= 0 && stock.Initial == Initial && stock.OnHand + stock.Reserved + stock.Shipped == Initial, $"{product} does not add up: {stock}");
            foreach (var (text, quantity) in stock.Lines)
            {
                var line = LineId.Parse(text);
                var order = Orders.Single(known => House.IdOf(known) == line.OrderId);
                Assert.Equal(Quantity(order, product), quantity);
                Assert.InRange(line.Attempt, 1, Record(order).Attempt);
            }

            foreach (var order in Orders.Where(order => Record(order).Stage == "done" && Quantity(order, product) > 0))
                Assert.True(HasLine(order, product), $"{order} is done without its line of {product}");
            Assert.Equal(
                Orders.Where(order => Record(order).Stage == "committed" && !HasLine(order, product)).Sum(order => Quantity(order, product)),
                stock.Shipped);
            foreach (var order in Orders.Where(order => IsUntroubled(order) && !IsBusy(order))) CheckLines(order, product);
            foreach (var order in reserving.Where(order => Quantity(order, product) > stock.OnHand)) wasShort.Add((order, product));
        }
    }

    protected override async Task RestAsync()
    {
        for (var sweeps = 0; sweeps < 2; sweeps++)
        {
            await BeginAsync(Replicas[^1], Sweep());
            await FinishAsync(Replicas[^1]);
        }
    }

    protected override void CheckEnd()
    {
        foreach (var order in Orders)
        {
            Assert.Contains(Record(order).Stage, new[] { "done", "undone", "committed" });
            foreach (var product in Products) CheckLines(order, product);
        }
    }

    protected override async Task CloseAsync(string order)
    {
        if (Record(order).Stage == "committed") Assert.NotNull((await AskAsync(Commit(order))).Answer);
        else if (releasing.Contains(order)) Assert.NotNull((await AskAsync(Release(order))).Answer);
        else if ((await AskAsync(Reserve(order))).Answer is ReserveItemsResult { Result: ReserveOutcome.Reserved } && order != "o1") await AskAsync(Commit(order));
    }

    private Errand Reserve(string order)
    {
        reserving.Add(order);
        var command = new ReserveItems(House.IdOf(order), Wanted[order]);
        return OnCourse(takesLines: true, new(order, $"reserve {order}", replica => House.PostAsync<ReserveItems, ReserveItemsResult>(replica, "internal/inventory/reserve", command), (answer, errand) =>
        {
            var reserved = (ReserveItemsResult)answer;
            Assert.True(StagesSince(errand).Any(stage => reserved.Result == ReserveOutcome.Reserved ? stage is "done" or "committed" : stage is "undone"), $"{reserved} is untrue");
            if (reserved.Result == ReserveOutcome.Reserved) return;
            Assert.Equal(Record(order).Reason, reserved.Reason);
            var missing = Products.Where(product => reserved.Reason == $"out of stock: {product}").ToList();
            Assert.True(missing.Count == 1 ? wasShort.Contains((order, missing[0])) : releasing.Contains(order), $"{reserved} is untrue");
        }));
    }

    private Errand Release(string order)
    {
        releasing.Add(order);
        var command = new ReleaseItems(House.IdOf(order), "test");
        return OnCourse(takesLines: false, new(order, $"release {order}", replica => House.PostAsync<ReleaseItems, ReleaseItemsResult>(replica, "internal/inventory/release", command), (answer, _) =>
        {
            var (released, record) = (((ReleaseItemsResult)answer).Result, Record(order));
            Assert.Equal(released == ReleaseOutcome.Committed ? "committed" : "undone", record.Stage);
            if (released == ReleaseOutcome.Committed) return;
            Assert.Equal(record.Document!["effect"] is null, released == ReleaseOutcome.Nothing);
            if (IsBusy(order)) return;
            Assert.All(Products, product => Assert.DoesNotContain(Stock(product).Lines.Keys, line => LineId.Parse(line).OrderId == House.IdOf(order)));
        }));
    }

    private Errand Commit(string order)
    {
        var command = new CommitItems(House.IdOf(order));
        return OnCourse(takesLines: false, new(order, $"commit {order}", replica => House.PostAsync<CommitItems, CommitItemsResult>(replica, "internal/inventory/commit", command), (answer, errand) =>
        {
            var committed = ((CommitItemsResult)answer).Result == CommitOutcome.Committed;
            if (!committed) Assert.Contains(StagesSince(errand), stage => stage is not ("done" or "committed"));
            else Assert.True(Record(order).Stage == "committed" && !Products.Any(product => HasLine(order, product)), $"{order} has not left");
        }));
    }

    private void CheckLines(string order, string product)
    {
        var (stage, lines) = (Record(order).Stage, Stock(product).Lines.Keys.Count(line => LineId.Parse(line).OrderId == House.IdOf(order)));
        var most = stage is "intent" or "done" && Quantity(order, product) > 0 ? 1 : 0;
        Assert.True(lines <= most && (stage != "done" || lines == most), $"{order} is {stage} with {lines} lines of {product}");
    }

    private Errand Sweep()
    {
        swept = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(null, "sweep", _ =>
        {
            House.Time.Advance(TimeSpan.FromMinutes(1));
            return swept.Task;
        }, (_, _) => { });
    }

    private Errand OnCourse(bool takesLines, Errand errand)
    {
        courses.Add(errand, new StockCourse(House.IdOf(errand.Order!), [.. Wanted[errand.Order!].Select(line => line.ProductId).Distinct()], takesLines));
        return errand;
    }

    private static int Quantity(string order, string product) => Wanted[order].Where(line => line.ProductId == product).Sum(line => line.Quantity);

    private bool HasLine(string order, string product) => Stock(product).Lines.ContainsKey(new LineId(House.IdOf(order), Record(order).Attempt).ToString());

    private StockDocument Stock(string product) => JsonSerializer.Deserialize<StockDocument>(House.Find($"stock-{product}")!, JsonSerializerOptions.Web)!;
}
