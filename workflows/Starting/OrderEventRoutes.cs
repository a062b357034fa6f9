using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Subscribing;
using Quayside.Workflows.Admin;

namespace Quayside.Workflows.Starting;

/// <summary>The topic <c>orders</c>: a created order starts its saga, a decision wakes it, everything else is counted and acknowledged.</summary>
internal static class OrderEventRoutes
{
    public const string DeadLetters = "workflows-orders-dead";

    private static readonly Subscription Orders = new(Topics.PubSub, Topics.Orders, DeadLetters);

    public static void MapOrderEvents(this WebApplication app)
    {
        var events = app.MapGroup("/events/orders").RequireAuthorization("Dapr");
        events.MapPost("/created", HandleAsync).WithTopic(Orders.Route(1, $"event.type == '{OrderEvents.Created}'"));
        events.MapPost("/decided", HandleAsync).WithTopic(Orders.Route(2,
            $"event.type in ['{OrderEvents.Approved}', '{OrderEvents.Rejected}', '{OrderEvents.CancellationRequested}']"));
        events.MapPost("/other", (EventEnvelope happened, SagaMetrics metrics) => metrics.Saw(happened)).WithTopic(Orders.Route(3));
    }

    /// <summary>The handler of every event, also of one that was parked and is replayed.</summary>
    public static Task HandleAsync(EventEnvelope happened, SagaStarter starter, CancellationToken cancellationToken) => happened.EventType switch
    {
        OrderEvents.Created => starter.EnsureStartedAsync(happened.AggregateId, cancellationToken),
        OrderEvents.Approved or OrderEvents.Rejected or OrderEvents.CancellationRequested =>
            starter.TellDecidedAsync(happened.AggregateId, happened.EventType, cancellationToken),
        _ => Task.CompletedTask,
    };
}
