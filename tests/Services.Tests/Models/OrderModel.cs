using Quayside.Contracts.Orders;
using Quayside.Orders.Order;

namespace Quayside.Services.Tests.Models;

/// <summary>
/// The life of an order as the design tells it, in facts that have happened, and what each command may lead to. It knows no state of the aggregate and no code of it.
/// </summary>
internal sealed record OrderModel(IReadOnlySet<string> Facts)
{
    private static readonly string[] Done = [OrderEvents.ItemsReserved, OrderEvents.PaymentCharged, OrderEvents.ShipmentCreated, OrderEvents.StockCommitted];
    private static readonly string?[] Undone = [OrderEvents.ItemsReleased, OrderEvents.PaymentRefunded, OrderEvents.ShipmentCancelled, null];

    public static OrderModel Nothing { get; } = new(new HashSet<string>());

    private bool Exists => Has(OrderEvents.Created);

    private bool IsFinal => Has(OrderEvents.Shipped) || Has(OrderEvents.Cancelled);

    private bool AwaitsApproval => Has(OrderEvents.ApprovalRequested) && !Has(OrderEvents.Approved) && !Has(OrderEvents.Rejected) && !Has(OrderEvents.ApprovalExpired);

    /// <summary>The saga must turn back, or wait.</summary>
    private bool MustStop => IsFinal || Has(OrderEvents.CancellationRequested) || AwaitsApproval || Has(OrderEvents.Rejected) || Has(OrderEvents.ApprovalExpired);

    public OrderModel With(IEnumerable<string> facts) => new(Facts.Concat(facts).ToHashSet());

    /// <summary>The events that the command leads to, none if all of it is so already; null when the order must say no.</summary>
    public string[]? Expect(OrderCommand command) => command switch
    {
        OrderCommand.Create create => Exists ? null : create.NeedsApproval ? [OrderEvents.Created, OrderEvents.ApprovalRequested] : [OrderEvents.Created],
        _ when !Exists => null,
        OrderCommand.RequestCancellation => RequestCancellation(),
        OrderCommand.Approve => Decide(OrderEvents.Approved),
        OrderCommand.Reject => Decide(OrderEvents.Rejected),
        OrderCommand.ExpireApproval => Has(OrderEvents.ApprovalExpired) ? [] : Decide(OrderEvents.ApprovalExpired),
        OrderCommand.StartShipping => StartShipping(),
        OrderCommand.RecordDone { Step: var step } => RecordDone((int)step - 1),
        OrderCommand.RecordUndone { Step: var step, Happened: var happened } => RecordUndone((int)step - 1, happened),
        OrderCommand.Cancel => Cancel(),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private string[]? RequestCancellation()
    {
        if (Has(OrderEvents.Cancelled) || Has(OrderEvents.CancellationRequested)) return [];
        return Has(OrderEvents.ShippingStarted) ? null : [OrderEvents.CancellationRequested];
    }

    /// <summary>One decision stands, and none comes after the customer's.</summary>
    private string[]? Decide(string decision) => AwaitsApproval && !IsFinal && !Has(OrderEvents.CancellationRequested) ? [decision] : null;

    private string[]? StartShipping()
    {
        if (Has(OrderEvents.ShipmentCancelled) || IsFinal) return null;
        if (Has(OrderEvents.ShippingStarted)) return [];
        return !MustStop && Has(OrderEvents.Confirmed) && Stands(0) && Stands(1) ? [OrderEvents.ShippingStarted] : null;
    }

    /// <summary>What a participant did is recorded even when the order must stop: only so can it be undone.</summary>
    private string[]? RecordDone(int step)
    {
        if (Stands(step)) return [];
        if (Has(Undone[step]) || IsFinal || !IsReached(step)) return null;
        return step switch
        {
            1 when !MustStop => [Done[1], OrderEvents.Confirmed],
            3 => [Done[3], OrderEvents.Shipped],
            _ => [Done[step]],
        };
    }

    private string[]? RecordUndone(int step, bool happened)
    {
        if (Has(Undone[step]) || Has(OrderEvents.Cancelled)) return [];
        if (step == 3 || Enumerable.Range(step + 1, 3 - step).Any(Stands)) return null;
        if (Stands(step)) return [Undone[step]!];
        if (!happened) return [];
        return IsReached(step) ? [Done[step], Undone[step]!] : null;
    }

    private string[]? Cancel()
    {
        if (Has(OrderEvents.Cancelled)) return [];
        return Has(OrderEvents.Shipped) || Enumerable.Range(0, 4).Any(Stands) ? null : [OrderEvents.Cancelled];
    }

    private bool IsReached(int step) => Enumerable.Range(0, step).All(Stands) && (step != 2 || Has(OrderEvents.ShippingStarted));

    private bool Stands(int step) => Has(Done[step]) && !Has(Undone[step]);

    private bool Has(string? fact) => fact is not null && Facts.Contains(fact);
}
