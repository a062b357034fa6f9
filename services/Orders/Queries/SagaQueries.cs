using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Orders;
using Quayside.Orders.Order;
using Quayside.Orders.Privacy;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Queries;

/// <summary>What the workflows app asks: one order before a step, the orders that nobody finished, the books.</summary>
internal static class SagaQueries
{
    public static void MapSagaQueries(this RouteGroupBuilder group)
    {
        group.MapPost("/ask", AskAsync);
        group.MapPost("/overdue", FindOverdueAsync);
        group.MapPost("/books", OrderBookQueries.ReadAsync);
        group.MapPost("/find-books", OrderBookQueries.FindAsync);
    }

    private static async Task<Ok<AskOrderResult>> AskAsync(
        AskOrder ask, OrderRunner orders, PrivateData privacy, CancellationToken cancellationToken)
    {
        var (order, version) = await orders.LoadAsync(ask.OrderId, cancellationToken);
        if (!order.Exists)
            return TypedResults.Ok(new AskOrderResult(null));
        var stop = ask.Step is { } step ? OrderSteps.WhyNotStart(order, step) : null;
        var asksToken = stop is null && ask.Step is OrderStep.ChargeCard;
        var secret = asksToken ? await privacy.OpenAsync(order.UserId, order.OrderId, order.Sealed, cancellationToken) : null;
        if (asksToken && secret is null)
            stop = OrderReasons.CustomerDeleted;
        return TypedResults.Ok(new AskOrderResult(new OrderForSaga(
            order.OrderId, order.UserId, order.Status!.Value, version, order.CreatedAt, order.Lines, order.Total, order.Approval,
            order.CancellationRequested, order.ShippingStarted, order.Done, MayStart: stop is null, stop, order.CancelReason, secret?.PaymentToken)));
    }

    private static async Task<Ok<OverdueOrders>> FindOverdueAsync(FindOverdue find, Shards shards, TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.WhenAll(shards.Router.Shards.Select(shard => shard.Views.CatchUpAsync(cancellationToken)));
        var before = time.GetUtcNow().AddSeconds(-find.OlderThanSeconds).UtcTicks;
        var limit = Math.Clamp(find.Limit, 1, 1_000);
        var (afterTicks, afterId) = find.After is { } after ? (after.PlacedAt.UtcTicks, after.OrderId) : (0, "");
        var rows = await shards.ReadRowsAsync(session => OrderViewTable.OpenBeforeAsync(session, before, afterTicks, afterId, limit), cancellationToken);
        var open = rows.OrderBy(order => order.CreatedAt).ThenBy(order => order.OrderId, StringComparer.Ordinal).Take(limit).ToList();
        return TypedResults.Ok(new OverdueOrders(
            [.. open.Select(order => order.OrderId)], open.Count == limit ? new OpenOrder(open[^1].OrderId, open[^1].CreatedAt) : null));
    }
}
