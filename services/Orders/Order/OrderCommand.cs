using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Orders.Order;

/// <summary>What an order can be asked to do.</summary>
public abstract record OrderCommand
{
    private OrderCommand() { }

    /// <param name="NeedsApproval">The total is over the approval limit.</param>
    public sealed record Create(
        string OrderId, string UserId, IReadOnlyList<OrderLine> Lines, Money Total, ReadOnlyMemory<byte> Sealed, bool NeedsApproval) : OrderCommand;

    public sealed record RequestCancellation(string By) : OrderCommand;
    public sealed record Approve(string By) : OrderCommand;
    public sealed record Reject(string By, string? Reason) : OrderCommand;
    public sealed record ExpireApproval : OrderCommand;
    public sealed record RecordDone(OrderStep Step, string? TrackingId = null) : OrderCommand;
    public sealed record RecordUndone(OrderStep Step, bool Happened) : OrderCommand;
    public sealed record StartShipping : OrderCommand;
    public sealed record Cancel(string Reason) : OrderCommand;
}

/// <summary>Why an order says no.</summary>
public sealed record OrderRefusal(string Reason, bool UnknownOrder = false);
