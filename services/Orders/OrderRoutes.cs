using Quayside.Orders.Commands;
using Quayside.Orders.Live;
using Quayside.Orders.Queries;
using Quayside.Orders.Resharding;

namespace Quayside.Orders;

/// <summary>Customers come in under /api/orders, the workflows app under /internal/orders.</summary>
internal static class OrderRoutes
{
    public static void MapOrders(this WebApplication app)
    {
        var orders = app.MapGroup("/api/orders").RequireAuthorization().AnswerWhileMoving();
        orders.MapPost("/", PlaceOrder.HandleAsync);
        orders.MapGet("/", ListOrders.HandleAsync);
        orders.MapGet("/{orderId}", GetOrder.HandleAsync);
        orders.MapGet("/{orderId}/events", GetOrderHistory.HandleAsync);
        orders.MapGet("/{orderId}/stream", StreamOrder.HandleAsync);
        orders.MapDelete("/{orderId}", RequestCancellation.HandleAsync);
        app.MapShards();

        var saga = app.MapGroup("/internal/orders").RequireAuthorization("Dapr").AnswerWhileMoving();
        saga.MapSagaCommands();
        saga.MapSagaQueries();
    }
}
