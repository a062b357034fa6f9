using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;

namespace Quayside.Services.Tests.Orders;

/// <summary>Whatever is asked of an order, in whatever sequence: its history stays one that can be told.</summary>
public sealed class OrderDeciderTests
{
    [Fact]
    public void No_sequence_of_commands_breaks_the_history()
    {
        var endings = new Dictionary<OrderStatus, int>();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3_000),
            Prop.ForAll(AnyOrder.Commands, commands =>
            {
                var (history, order) = AnyOrder.Run(commands);
                OrderHistory.MustHold(history);
                if (order.Status is { } status)
                    endings[status] = endings.GetValueOrDefault(status) + 1;
            }));
        // the property means something only if the sequences get far
        Assert.True(endings.GetValueOrDefault(OrderStatus.Shipped) > 20, JsonSerializer.Serialize(endings));
        Assert.True(endings.GetValueOrDefault(OrderStatus.Cancelled) > 20, JsonSerializer.Serialize(endings));
    }

    [Theory]
    [InlineData(true, OrderReasons.CustomerCancelled)]
    [InlineData(false, OrderReasons.Exhausted)]
    public void A_saga_that_starts_anew_among_its_compensations_hears_why_the_order_turned_back(bool isCancelled, string reason)
    {
        var (_, order) = AnyOrder.Run(
        [
            new OrderCommand.Create("o", "u", [new OrderLine("p", "P", 2, Money.Euro(50))], Money.Euro(100), new byte[] { 1 }, NeedsApproval: false),
            new OrderCommand.RecordDone(OrderStep.ReserveItems), new OrderCommand.RecordDone(OrderStep.ChargeCard),
            .. isCancelled ? new OrderCommand[] { new OrderCommand.RequestCancellation("u") } : [],
            new OrderCommand.RecordUndone(OrderStep.ChargeCard, Happened: true),
        ]);
        Assert.Null(OrderSteps.WhyNotStart(order, OrderStep.ReserveItems));
        Assert.Equal(reason, OrderSteps.WhyNotStart(order, OrderStep.ChargeCard));
    }

    [Fact]
    public void A_cancelled_order_names_its_reason_to_whoever_would_ship_it_after_all()
    {
        var (_, order) = AnyOrder.Run(
        [
            new OrderCommand.Create("o", "u", [new OrderLine("p", "P", 2, Money.Euro(50))], Money.Euro(100), new byte[] { 1 }, NeedsApproval: false),
            new OrderCommand.RecordDone(OrderStep.ReserveItems), new OrderCommand.RecordDone(OrderStep.ChargeCard), new OrderCommand.StartShipping(),
            new OrderCommand.RecordUndone(OrderStep.CreateShipment, Happened: true),
            new OrderCommand.RecordUndone(OrderStep.ChargeCard, Happened: true), new OrderCommand.RecordUndone(OrderStep.ReserveItems, Happened: true),
        ]);
        Assert.Equal(OrderReasons.Exhausted, OrderDecider.Decide(order, new OrderCommand.StartShipping(), AnyOrder.Now).Refusal?.Reason);
        var cancelled = OrderState.Evolve(order, Assert.Single(OrderDecider.Decide(order, new OrderCommand.Cancel("address refused"), AnyOrder.Now).Events));
        Assert.Equal("address refused", OrderDecider.Decide(cancelled, new OrderCommand.StartShipping(), AnyOrder.Now).Refusal?.Reason);
    }

    [Fact]
    public void Replaying_any_prefix_of_the_stored_history_gives_the_state_of_that_moment() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(AnyOrder.Commands, commands =>
        {
            var (history, _) = AnyOrder.Run(commands);
            var (live, replayed) = (OrderState.None, OrderState.None);
            foreach (var happened in history)
            {
                live = OrderState.Evolve(live, happened);
                replayed = OrderState.Evolve(replayed, AnyOrder.Stored(happened));
                Assert.Equal(Text(live), Text(replayed));
            }
        }));

    [Fact]
    public void A_command_that_was_accepted_adds_nothing_when_it_comes_again_at_once() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(AnyOrder.Commands, commands =>
        {
            var order = OrderState.None;
            foreach (var command in commands)
            {
                var first = OrderDecider.Decide(order, command, AnyOrder.Now);
                order = first.Events.Aggregate(order, OrderState.Evolve);
                Assert.Empty(OrderDecider.Decide(order, command, AnyOrder.Now).Events);
            }
        }));

    private static string Text(OrderState order) => JsonSerializer.Serialize(order);
}
