using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.Notifications.Sending;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Notifications.Subscribing;

/// <summary>A confirmation when the order is placed, one notice more for its outcome.</summary>
internal static class OrderNotices
{
    public const string DeadLetters = "notification-service-orders-dead";

    private static readonly Subscription Orders = new(Topics.PubSub, Topics.Orders, DeadLetters);
    private static readonly string[] Told = [OrderEvents.Created, OrderEvents.Shipped, OrderEvents.Cancelled];

    public static void MapOrderNotices(this IEndpointRouteBuilder app)
    {
        var events = app.MapGroup("/events").RequireAuthorization("Dapr");
        events.MapPost("/orders/notices", (EventEnvelope happened, Sender sender, CancellationToken cancellationToken) =>
            HandleAsync(happened, sender, cancellationToken)).WithTopic(Orders.Route(
                priority: 1, string.Join(" || ", Told.Select(type => $"event.type == \"{type}\""))));
        events.MapPost("/orders/other", () => TypedResults.Ok()).WithTopic(Orders.Route(priority: 2));
    }

    public static Task HandleAsync(EventEnvelope happened, Sender sender, CancellationToken cancellationToken) =>
        Notice(happened) is { } notice ? sender.SendAsync(notice, cancellationToken) : Task.CompletedTask;

    private static Notice? Notice(EventEnvelope happened) => happened.EventType switch
    {
        OrderEvents.Created when happened.Read<OrderEvent.Created>() is var order => Notice(
            happened, order.UserId, "confirmation", $"Your order {order.OrderId}",
            $"thank you for your order over {Text(order.Total)}:\n\n{string.Join('\n', order.Lines.Select(line => $"  {line.Quantity} x {line.Name}"))}"),
        OrderEvents.Shipped when happened.Read<OrderEvent.Shipped>() is var order => Notice(
            happened, order.UserId, "shipped", $"Your order {order.OrderId} has shipped", $"your parcel is on its way. Tracking id: {order.TrackingId}"),
        OrderEvents.Cancelled when happened.Read<OrderEvent.Cancelled>() is var order => Notice(
            happened, order.UserId, "cancelled", $"Your order {order.OrderId} is cancelled", $"your order is cancelled: {order.Reason}. You keep your money."),
        _ => null,
    };

    private static Notice Notice(EventEnvelope happened, string userId, string kind, string subject, string text) =>
        new(happened.EventId.ToString(), userId, kind, happened.Timestamp, happened.AggregateId, subject, text);

    private static string Text(Money money) => FormattableString.Invariant($"{money.Amount / 100}.{money.Amount % 100:00} {money.Currency}");
}
