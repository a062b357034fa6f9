using System.Text.Json;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.Orders.Order;
using Quayside.Services.Tests.Orders;

namespace Quayside.Services.Tests.Models;

/// <summary>An order has few states, so all of them are visited and every command is tried in each.</summary>
public sealed class OrderModelTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly OrderCommand[] Commands =
    [
        .. new[] { false, true }.Select(over => new OrderCommand.Create("o", "u", [new OrderLine("p", "P", 2, Money.Euro(50))], Money.Euro(100), new byte[] { 1 }, over)),
        new OrderCommand.RequestCancellation("u"),
        new OrderCommand.Approve("a"), new OrderCommand.Reject("a", "no"), new OrderCommand.ExpireApproval(),
        new OrderCommand.StartShipping(),
        .. Enum.GetValues<OrderStep>().Select(step => new OrderCommand.RecordDone(step, "T")),
        .. Enum.GetValues<OrderStep>().SelectMany(step => new[] { true, false }.Select(happened => new OrderCommand.RecordUndone(step, happened))),
        new OrderCommand.Cancel("why"),
    ];

    [Fact]
    public void Every_command_in_every_reachable_state_leads_to_what_the_model_says() => Visit((place, command, decided) =>
    {
        var expected = place.Model.Expect(command);
        Assert.Equal(expected is null, decided.Refusal is not null);
        Assert.Equal(expected ?? [], decided.Events.Select(NameOf));
        if (decided.Refusal is { } refusal) Assert.Equal(!place.Order.Exists && command is not OrderCommand.Create, refusal.UnknownOrder);
    });

    [Fact]
    public void Every_history_that_can_be_is_one_that_can_be_told() =>
        Visit((place, _, decided) => OrderHistory.MustHold([.. place.History, .. decided.Events]));

    [Fact]
    public void Every_move_is_forward_and_a_final_order_does_not_move() => Visit((place, _, decided) =>
    {
        var (before, after) = (place.Order, After(place.Order, decided.Events));
        Assert.Equal(place.Order.IsFinal, before.IsFinal);
        if (before.IsFinal) Assert.Empty(decided.Events);
        Assert.True((before.Status, after.Status) is (null, OrderStatus.Pending or null) or (OrderStatus.Pending, not null and not OrderStatus.Shipped)
            or (OrderStatus.Confirmed, not null and not OrderStatus.Pending) || before.Status == after.Status, $"{before.Status} -> {after.Status}");
        Assert.True(before.Undone.All(after.Undone.Contains) && !after.Undone.Any(after.Done.Contains));
        Assert.Equal(after.Done.Distinct(), after.Done);
        Assert.Equal(after.Undone.Distinct(), after.Undone);
        Assert.True(after.Status != OrderStatus.Shipped || after.Done.SequenceEqual(Enum.GetValues<OrderStep>()));
        Assert.True(after.Status != OrderStatus.Cancelled || (after.Done.Count == 0 && after.CancelReason == "why"));
        Assert.False(after is { CancellationRequested: true, ShippingStarted: true });
    });

    [Fact]
    public void A_step_may_start_where_the_model_says_and_elsewhere_the_reason_is_told() => Visit((place, command, _) =>
    {
        if (command is not OrderCommand.RecordDone { Step: var step } || !place.Order.Exists) return;
        var why = OrderSteps.WhyNotStart(place.Order, step);
        Assert.Equal(place.Model.MayStart(step), why is null);
        if (why is not null && !place.Order.Undone.Contains(step)) Assert.Equal(ReasonToStop(place.Order) ?? why, why);
    });

    private static string? ReasonToStop(OrderState order) => order switch
    {
        { Status: OrderStatus.Cancelled } => "why",
        { Status: OrderStatus.Shipped } => "the order has shipped",
        { CancellationRequested: true } => OrderReasons.CustomerCancelled,
        { Approval: ApprovalState.Awaited } => OrderReasons.ApprovalAwaited,
        { Approval: ApprovalState.Rejected } => OrderReasons.ApprovalRejected,
        { Approval: ApprovalState.Expired } => OrderReasons.ApprovalExpired,
        _ => null,
    };

    /// <summary>Breadth first: each place is told by the shortest history that leads there.</summary>
    private static void Visit(Action<Place, OrderCommand, EventSourcing.Decision<OrderEvent, OrderRefusal>> look)
    {
        Place start = new(OrderState.None, OrderModel.Nothing, []);
        var open = new Queue<Place>([start]);
        var seen = new HashSet<string> { Text(start.Order) };
        while (open.TryDequeue(out var place))
        {
            foreach (var command in Commands)
            {
                var decided = OrderDecider.Decide(place.Order, command, Now);
                try
                {
                    look(place, command, decided);
                }
                catch (Exception failure)
                {
                    throw new Xunit.Sdk.XunitException($"{string.Join(", ", place.History.Select(NameOf))} then {command}: {failure.Message}", failure);
                }

                var next = new Place(After(place.Order, decided.Events), place.Model.With(decided.Events.Select(NameOf)), [.. place.History, .. decided.Events]);
                if (seen.Add(Text(next.Order))) open.Enqueue(next);
            }
        }

        Assert.InRange(seen.Count, 100, 10_000);
    }

    private static OrderState After(OrderState order, IEnumerable<OrderEvent> events) => events.Aggregate(order, OrderState.Evolve);

    private static string NameOf(OrderEvent happened) => OrderCodec.Instance.Encode(happened).EventType;

    private static string Text(OrderState order) => JsonSerializer.Serialize(order);

    private sealed record Place(OrderState Order, OrderModel Model, IReadOnlyList<OrderEvent> History);
}
