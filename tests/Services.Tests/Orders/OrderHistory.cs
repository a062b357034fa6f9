using Quayside.Contracts;
using Quayside.Contracts.Orders;

namespace Quayside.Services.Tests.Orders;

/// <summary>What the design says of every history of an order, finished or not.</summary>
internal static class OrderHistory
{
    public static void MustHold(List<OrderEvent> history)
    {
        if (history.Count == 0)
            return;
        Assert.IsType<OrderEvent.Created>(history[0]);
        Assert.All(history.GroupBy(e => e.GetType()), same => Assert.Single(same));
        int At<T>() where T : OrderEvent => history.FindIndex(e => e is T);
        void Before<TFirst, TSecond>() where TFirst : OrderEvent where TSecond : OrderEvent =>
            Assert.True(At<TSecond>() < 0 || (At<TFirst>() >= 0 && At<TFirst>() < At<TSecond>()), $"{typeof(TSecond).Name} without {typeof(TFirst).Name}");
        void Never<TOne, TOther>() where TOne : OrderEvent where TOther : OrderEvent =>
            Assert.True(At<TOne>() < 0 || At<TOther>() < 0, $"{typeof(TOne).Name} and {typeof(TOther).Name}");

        Before<OrderEvent.ItemsReserved, OrderEvent.PaymentCharged>();
        Before<OrderEvent.PaymentCharged, OrderEvent.PaymentRefunded>();
        Before<OrderEvent.ItemsReserved, OrderEvent.ItemsReleased>();
        Before<OrderEvent.ShipmentCreated, OrderEvent.ShipmentCancelled>();
        Before<OrderEvent.PaymentCharged, OrderEvent.Confirmed>();
        Before<OrderEvent.Confirmed, OrderEvent.ShippingStarted>();
        Before<OrderEvent.ShippingStarted, OrderEvent.ShipmentCreated>();
        Before<OrderEvent.ApprovalRequested, OrderEvent.Approved>();
        Before<OrderEvent.ApprovalRequested, OrderEvent.Rejected>();
        Before<OrderEvent.ApprovalRequested, OrderEvent.ApprovalExpired>();
        Before<OrderEvent.ShipmentCreated, OrderEvent.StockCommitted>();
        Before<OrderEvent.StockCommitted, OrderEvent.Shipped>();
        Before<OrderEvent.PaymentCharged, OrderEvent.Shipped>();
        Never<OrderEvent.Shipped, OrderEvent.Cancelled>();
        Never<OrderEvent.Shipped, OrderEvent.CancellationRequested>();
        Never<OrderEvent.Shipped, OrderEvent.PaymentRefunded>();
        Never<OrderEvent.Shipped, OrderEvent.ItemsReleased>();
        Never<OrderEvent.StockCommitted, OrderEvent.Cancelled>();
        Never<OrderEvent.ShippingStarted, OrderEvent.CancellationRequested>();
        Never<OrderEvent.Approved, OrderEvent.Rejected>();
        Never<OrderEvent.Approved, OrderEvent.ApprovalExpired>();
        Never<OrderEvent.Rejected, OrderEvent.ApprovalExpired>();
        if (At<OrderEvent.Rejected>() >= 0 || At<OrderEvent.ApprovalExpired>() >= 0)
            Assert.True(At<OrderEvent.Confirmed>() < 0);
        if (At<OrderEvent.ApprovalRequested>() >= 0)
            Before<OrderEvent.Approved, OrderEvent.Confirmed>();
        // compensation in reverse
        if (At<OrderEvent.PaymentCharged>() >= 0)
            Before<OrderEvent.PaymentRefunded, OrderEvent.ItemsReleased>();
        if (At<OrderEvent.ShipmentCreated>() >= 0)
            Before<OrderEvent.ShipmentCancelled, OrderEvent.PaymentRefunded>();
        if (history[^1] is OrderEvent.Cancelled)
        {
            Assert.Equal(At<OrderEvent.PaymentCharged>() >= 0, At<OrderEvent.PaymentRefunded>() >= 0);
            Assert.Equal(At<OrderEvent.ItemsReserved>() >= 0, At<OrderEvent.ItemsReleased>() >= 0);
            Assert.Equal(At<OrderEvent.ShipmentCreated>() >= 0, At<OrderEvent.ShipmentCancelled>() >= 0);
        }
        Assert.DoesNotContain(history[..^1], e => e is OrderEvent.Cancelled or OrderEvent.Shipped);
        MoneyMustHold(history);
    }

    /// <summary>At no moment more is refunded than was charged, or charged than the order costs; at the end the shop keeps the price of what it shipped and nothing else.</summary>
    private static void MoneyMustHold(List<OrderEvent> history)
    {
        var total = ((OrderEvent.Created)history[0]).Total;
        var (charged, refunded) = (0L, 0L);
        foreach (var happened in history)
        {
            charged += happened is OrderEvent.PaymentCharged c ? c.Amount.Amount : 0;
            refunded += happened is OrderEvent.PaymentRefunded r ? r.Amount.Amount : 0;
            Assert.InRange(charged, 0, total.Amount);
            Assert.InRange(refunded, 0, charged);
            Assert.All(MoneyIn(happened), money => Assert.Equal(total, money));
        }
        if (history[^1] is OrderEvent.Shipped or OrderEvent.Cancelled)
            Assert.Equal(history[^1] is OrderEvent.Shipped ? total.Amount : 0, charged - refunded);
    }

    private static IEnumerable<Money> MoneyIn(OrderEvent happened) =>
        happened.GetType().GetProperties().Select(property => property.GetValue(happened)).OfType<Money>();
}
