using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Order;

namespace Quayside.Services.Tests.Orders;

/// <summary>Commands at random, weighted so that many sequences end, and not all of them alike.</summary>
internal static class AnyOrder
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly Gen<OrderCommand> AnyCreate =
        from quantities in Gen.Choose(1, 3).SelectMany(Gen.Choose(1, 1_000).ArrayOf)
        from price in Gen.Choose(0, 1_000_000)
        from needsApproval in Gen.Elements(true, false)
        select (OrderCommand)Create(quantities, price, needsApproval);

    private static readonly Gen<OrderCommand> AnyCommand = Gen.OneOf(
        AnyCreate,
        Gen.Frequency((1, Gen.Constant<OrderCommand>(new OrderCommand.RequestCancellation("u"))), (9, Gen.Constant<OrderCommand>(new OrderCommand.RecordDone(OrderStep.ChargeCard)))),
        Gen.Constant<OrderCommand>(new OrderCommand.Approve("a")),
        Gen.Frequency(
            (1, Gen.Elements("no", "zażółć 🐌", null).Select(OrderCommand (reason) => new OrderCommand.Reject("a", reason))), (1, Gen.Constant<OrderCommand>(new OrderCommand.ExpireApproval())),
            (8, Gen.Constant<OrderCommand>(new OrderCommand.StartShipping()))),
        Gen.Elements(Enum.GetValues<OrderStep>()).Select(OrderCommand (step) => new OrderCommand.RecordDone(step, "T")),
        Gen.Elements(Enum.GetValues<OrderStep>()).Select(OrderCommand (step) => new OrderCommand.RecordDone(step, "T")),
        Gen.Frequency((4, Gen.Constant<OrderCommand>(new OrderCommand.RecordDone(OrderStep.CreateShipment, "T"))), (1, Gen.Elements(Enum.GetValues<OrderStep>())
            .SelectMany(step => Gen.Elements(true, false).Select(OrderCommand (happened) => new OrderCommand.RecordUndone(step, happened))))),
        Gen.Frequency((1, Gen.Constant<OrderCommand>(new OrderCommand.Cancel("why"))), (4, Gen.Constant<OrderCommand>(new OrderCommand.RecordDone(OrderStep.CommitStock)))));

    /// <summary>What a saga that must turn back asks for; at random this is rare.</summary>
    private static readonly OrderCommand[] TurnBack =
    [
        .. new[] { OrderStep.CreateShipment, OrderStep.ChargeCard, OrderStep.ReserveItems }.Select(step => new OrderCommand.RecordUndone(step, Happened: false)),
        new OrderCommand.Cancel("turned back"),
    ];

    /// <summary>64 at most.</summary>
    public static readonly Arbitrary<OrderCommand[]> Commands = Arb.From(
        Gen.OneOf(AnyCommand.ArrayOf(60), Gen.Choose(1, 60).SelectMany(AnyCommand.ArrayOf).Select(commands => (OrderCommand[])[.. commands, .. TurnBack])),
        Arb.Array(AnyCommand.ToArbitrary()).Shrinker);

    public static (List<OrderEvent> History, OrderState Order) Run(IEnumerable<OrderCommand> commands)
    {
        List<OrderEvent> history = [];
        var order = OrderState.None;
        foreach (var command in commands)
        {
            var decision = OrderDecider.Decide(order, command, Now);
            Assert.True(decision.Refusal is null || decision.Events.Count == 0);
            history.AddRange(decision.Events);
            order = decision.Events.Aggregate(order, OrderState.Evolve);
        }
        return (history, order);
    }

    /// <returns>What the commands lead to, as the store keeps it.</returns>
    public static IReadOnlyList<DomainEvent> Stream(IEnumerable<OrderCommand> commands) => [.. Run(commands).History.Select((happened, i) => Store(happened, i + 1))];

    /// <returns>The event as it comes back from the store.</returns>
    public static OrderEvent Stored(OrderEvent happened) => OrderCodec.Instance.Decode(Store(happened, 1));

    private static DomainEvent Store(OrderEvent happened, long version)
    {
        var added = OrderCodec.Instance.Encode(happened);
        return new DomainEvent(Guid.NewGuid(), "o", added.EventType, added.SchemaVersion, added.Data, new EventMetadata(), Now.AddSeconds(version - 1), version) { Sealed = added.Sealed };
    }

    private static OrderCommand.Create Create(int[] quantities, long price, bool needsApproval) => new(
        "o", "u", [.. quantities.Select((quantity, i) => new OrderLine($"p{i}", "Żółw 🐢", quantity, Money.Euro(price + i)))],
        Money.Euro(quantities.Select((quantity, i) => quantity * (price + i)).Sum()), new byte[] { 1, 2 }, needsApproval);
}
