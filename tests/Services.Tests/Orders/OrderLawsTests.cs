using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Order;
using Quayside.Orders.Queries;
using Quayside.Services.Tests.Events;

namespace Quayside.Services.Tests.Orders;

/// <summary>What holds between the aggregate, its stream and its view, whatever is asked in whatever sequence.</summary>
public sealed class OrderLawsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Any_event_changes_an_order_alike_before_and_after_it_was_stored() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(AnyOrder.Commands, AnyEvent.Of<OrderEvent>(), (commands, happened) =>
        {
            var (_, order) = AnyOrder.Run(commands);
            Assert.Equal(Text(OrderState.Evolve(order, happened)), Text(OrderState.Evolve(order, AnyOrder.Stored(happened))));
        }));

    [Fact]
    public void The_view_of_any_history_agrees_with_the_aggregate()
    {
        var seen = new HashSet<string>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(AnyOrder.Commands, commands =>
        {
            var history = AnyOrder.Stream(commands);
            var (order, view) = (OrderState.None, (OrderView?)null);
            foreach (var stored in history)
            {
                (order, view) = (OrderState.Evolve(order, OrderCodec.Instance.Decode(stored)), OrderViews.Apply(view, stored));
                MustAgree(order, view!);
                Assert.Equal((stored.Version, stored.Timestamp), (view!.Version, view.UpdatedAt));
                seen.Add($"{order.Status} {view.Payment?.Status} {view.Shipment?.Status} {view.Approval}");
            }
            Assert.Equal(history.Select(stored => stored.EventType), (view?.Timeline ?? []).Select(entry => entry.Event));
        }));
        // the law means something only if the histories get far
        Assert.All(
            ["Shipped charged shipped NotNeeded", "Shipped charged shipped Approved", "Cancelled refunded  NotNeeded", "Cancelled refunded cancelled NotNeeded", "Cancelled   Rejected"],
            far => Assert.Contains(far, seen));
    }

    [Fact]
    public void A_view_that_is_folded_in_any_batches_some_of_them_again_and_stored_between_is_the_same() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(AnyOrder.Commands, ArbMap.Default.ArbFor<byte[]>(), (commands, cuts) =>
        {
            var history = AnyOrder.Stream(commands);
            OrderView? view = null;
            foreach (var cut in cuts)
            {
                // never past what is the next event, as a projection goes; often back
                var from = cut % ((int)(view?.Version ?? 0) + 1);
                view = Stored(OrderViews.Fold(view, history.Skip(from).Take(cut % 7)));
            }
            view = Stored(OrderViews.Fold(view, history.Skip((int)(view?.Version ?? 0))));
            Assert.Equal(Text(OrderViews.Fold(null, history)), Text(view));
        }));

    [Fact]
    public async Task A_command_whose_events_are_stored_changes_nothing_when_it_is_repeated_at_any_later_time_and_versions_have_no_gaps()
    {
        var folder = Directory.CreateTempSubdirectory("quayside-laws-");
        try
        {
            await using var store = new EventStore(new DatabaseAddress.Sqlite(Path.Combine(folder.FullName, "orders.db")));
            var runner = new DeciderRunner<OrderState, OrderCommand, OrderEvent, OrderRefusal>(OrderDecider.Instance, OrderCodec.Instance, _ => store, TimeProvider.System);
            var orders = 0;
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(
                AnyOrder.Commands, Gen.Choose(0, 63).ArrayOf(64).ToArbitrary(), (commands, repeats) => RepeatAsync(runner, store, $"o{orders++}", commands, repeats)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>After each command an earlier one comes again, at the end all of them.</summary>
    private static async Task RepeatAsync(
        DeciderRunner<OrderState, OrderCommand, OrderEvent, OrderRefusal> runner, EventStore store, string id, OrderCommand[] commands, int[] repeats)
    {
        var accepted = new HashSet<int>();
        for (var i = 0; i < commands.Length; i++)
        {
            if (await HandleAsync(i) is { Refusal: null, AlreadyDone: false })
                accepted.Add(i);
            if (accepted.Contains(repeats[i]))
                await MustChangeNothingAsync(repeats[i]);
        }
        foreach (var i in accepted)
            await MustChangeNothingAsync(i);

        var stream = await store.ReadStreamAsync(id, Token);
        Assert.Equal(Enumerable.Range(1, stream.Count).Select(version => (long)version), stream.Select(stored => stored.Version));
        OrderHistory.MustHold([.. stream.Select(OrderCodec.Instance.Decode)]);

        Task<Handled<OrderState, OrderRefusal>> HandleAsync(int i) => runner.HandleAsync(id, commands[i], new EventMetadata(CommandId: $"c{i}"), Token);

        async Task MustChangeNothingAsync(int i)
        {
            var before = await runner.LoadAsync(id, Token);
            var repeated = await HandleAsync(i);
            Assert.True(repeated is { Refusal: null, AlreadyDone: true }, $"{commands[i]}: {repeated.Refusal?.Reason}");
            var after = await runner.LoadAsync(id, Token);
            Assert.Equal((Text(before.State), before.Version), (Text(after.State), after.Version));
        }
    }

    private static void MustAgree(OrderState order, OrderView view)
    {
        Assert.Equal(
            (order.OrderId, order.UserId, order.Status, order.Total, order.CreatedAt, order.Approval, order.CancellationRequested, order.CancelReason),
            (view.OrderId, view.UserId, view.Status, view.Total, view.CreatedAt, view.Approval, view.CancellationRequested, view.Reason));
        Assert.Equal(order.Lines, view.Lines);
        Assert.Equal(Fate(OrderStep.ChargeCard, "charged", "refunded"), view.Payment?.Status);
        Assert.Equal(order.Status is OrderStatus.Shipped ? "shipped" : Fate(OrderStep.CreateShipment, "created", "cancelled"), view.Shipment?.Status);
        Assert.Equal(order.TrackingId, view.Shipment?.TrackingId);
        Assert.True(view.Payment is null || view.Payment.Amount == order.Total);

        string? Fate(OrderStep step, string done, string undone) => order.Has(step) ? done : order.Undone.Contains(step) ? undone : null;
    }

    /// <returns>The view as the table gives it back.</returns>
    private static OrderView? Stored(OrderView? view) => JsonSerializer.Deserialize<OrderView?>(JsonSerializer.SerializeToUtf8Bytes(view, ViewJson.Default.OrderView!), ViewJson.Default.OrderView!);

    private static string Text(OrderView? view) => JsonSerializer.Serialize(view, ViewJson.Default.OrderView!);

    private static string Text(OrderState order) => JsonSerializer.Serialize(order);
}
