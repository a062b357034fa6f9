using Dapr.Workflow;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.Orders.Order;
using Quayside.Saga;
using Quayside.Workflows.OrderSaga;

namespace Quayside.Services.Tests.Models;

/// <summary>What happens to one try of an activity.</summary>
internal enum Chance
{
    Works,

    /// <summary>Nothing has happened; this and the next two are told as failures.</summary>
    FailsBefore,

    /// <summary>The participant has done it, the order knows nothing.</summary>
    FailsBetween,

    /// <summary>All has happened.</summary>
    FailsAfter,

    /// <summary>The participant says no, if it has not said yes before; a cancellation finds the parcel gone.</summary>
    IsRefused,
}

/// <summary>What the customer or an admin does while the saga is at work.</summary>
internal enum Meddling
{
    Nothing,
    Cancels,
    Approves,
    Rejects,
    Waits,
}

/// <summary>The order as it is, participants as the design wants them, and the activities between them.</summary>
internal sealed class SagaWorld
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly HashSet<OrderStep> standing = [], undone = [], gaveBack = [];

    public SagaWorld(bool needsApproval) => Tell(new OrderCommand.Create("o", "u", [], Money.Euro(100), default, needsApproval));

    public OrderState Order { get; private set; } = OrderState.None;

    public List<OrderEvent> History { get; } = [];

    public List<string> Story { get; } = [];

    /// <summary>Others may act between what a participant does and what the order hears of it.</summary>
    public Action Between { get; set; } = () => { };

    /// <summary>How many events the order had after each command.</summary>
    public List<int> Commits { get; } = [];

    /// <summary>What the participants hold.</summary>
    public IReadOnlySet<OrderStep> Standing => standing;

    public OrderRefusal? Tell(OrderCommand command)
    {
        var decided = OrderDecider.Decide(Order, command, Now);
        History.AddRange(decided.Events);
        Order = decided.Events.Aggregate(Order, OrderState.Evolve);
        Commits.Add(History.Count);
        Story.Add($"{command} -> {decided.Refusal?.Reason ?? string.Join(", ", decided.Events.Select(happened => happened.GetType().Name))}");
        return decided.Refusal;
    }

    /// <summary>An older copy of the order's store takes its place; the participants know nothing of it.</summary>
    public void Restore(int events)
    {
        History.RemoveRange(events, History.Count - events);
        Order = History.Aggregate(OrderState.None, OrderState.Evolve);
        Story.Add($"restored to {events} events");
    }

    public object Run(string activity, object? input, Chance chance)
    {
        Story.Add($"{activity} {chance}");
        if (chance is Chance.FailsBefore) throw new InvalidOperationException("before");
        var answer = activity switch
        {
            nameof(OpenOrderActivity) => new OpenedOrder(Order.IsFinal, Order.Approval == ApprovalState.Awaited, Order.Done.Count == 0 ? null : Order.Done.Max()),
            nameof(ExpireApprovalActivity) => Tell(new OrderCommand.ExpireApproval()) is { } refusal ? StepResult.Refused(refusal.Reason) : StepResult.Succeeded,
            nameof(ReserveItemsActivity) => Act(OrderStep.ReserveItems, chance),
            nameof(ChargeCardActivity) => Act(OrderStep.ChargeCard, chance),
            nameof(CreateShipmentActivity) => Act(OrderStep.CreateShipment, chance),
            nameof(CommitStockActivity) => Act(OrderStep.CommitStock, chance),
            nameof(ReleaseItemsActivity) => Undo(OrderStep.ReserveItems, chance),
            nameof(RefundChargeActivity) => Undo(OrderStep.ChargeCard, chance),
            nameof(CancelShipmentActivity) => Undo(OrderStep.CreateShipment, chance),
            nameof(CancelOrderActivity) => Must(new OrderCommand.Cancel(((Undoing<OrderSagaInput>)input!).Reason), new UndoResult()),
            _ => throw new ArgumentOutOfRangeException(nameof(activity), activity, null),
        };
        return chance is Chance.FailsAfter ? throw new InvalidOperationException("after") : answer;
    }

    private object Act(OrderStep step, Chance chance)
    {
        // The shipment asks by starting, stock that is committed is past asking.
        var stop = step switch
        {
            OrderStep.CreateShipment => Tell(new OrderCommand.StartShipping())?.Reason,
            OrderStep.CommitStock => null,
            _ => OrderSteps.WhyNotStart(Order, step),
        };
        if (stop is not null) return StepResult.Stop(stop);
        if (chance is Chance.IsRefused && step is not OrderStep.CommitStock && !standing.Contains(step)) undone.Add(step);
        if (undone.Contains(step)) return StepResult.Refused("refused");
        standing.Add(step);
        Between();
        if (chance is Chance.FailsBetween) throw new InvalidOperationException("between");
        return Must(new OrderCommand.RecordDone(step, "T"), StepResult.Succeeded);
    }

    private object Undo(OrderStep step, Chance chance)
    {
        var stood = standing.Contains(step);
        if (step is OrderStep.CreateShipment && stood && chance is Chance.IsRefused)
            return Must(new OrderCommand.RecordDone(step, "T"), new UndoResult(Undone: false));
        standing.Remove(step);
        var happened = stood || gaveBack.Contains(step);
        if (stood) gaveBack.Add(step);
        undone.Add(step);
        Between();
        if (chance is Chance.FailsBetween) throw new InvalidOperationException("between");
        return Must(new OrderCommand.RecordUndone(step, happened), new UndoResult());
    }

    private object Must(OrderCommand command, object answer) => Tell(command) is { } refusal ? throw new InvalidOperationException(refusal.Reason) : answer;
}
