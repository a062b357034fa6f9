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
        group.MapPost("/overdue", FindOverdue);
        group.MapPost("/books", ReadBooksAsync);
    }

    private static async Task<Ok<AskOrderResult>> AskAsync(
        AskOrder ask, OrderRunner orders, PrivateData privacy, CancellationToken cancellationToken)
    {
        var (order, version) = await orders.LoadAsync(ask.OrderId, cancellationToken);
        if (!order.Exists)
            return TypedResults.Ok(new AskOrderResult(null));
        var stop = ask.Step is { } step ? OrderSteps.WhyNotStart(order, step) : null;
        var secret = stop is null && ask.Step is OrderStep.ChargeCard
            ? await privacy.OpenAsync(order.UserId, order.OrderId, order.Sealed, cancellationToken)
            : null;
        return TypedResults.Ok(new AskOrderResult(new OrderForSaga(
            order.OrderId, order.UserId, order.Status!.Value, version, order.CreatedAt, order.Lines, order.Total, order.Approval,
            order.CancellationRequested, order.ShippingStarted, order.Done, MayStart: stop is null, stop, order.CancelReason, secret?.PaymentToken)));
    }

    private static Ok<OverdueOrders> FindOverdue(FindOverdue find, Shards shards, TimeProvider time)
    {
        var before = time.GetUtcNow().AddSeconds(-find.OlderThanSeconds).UtcTicks;
        var limit = Math.Clamp(find.Limit, 1, 1_000);
        var open = shards.Stores.SelectMany(store => store.Database.Read(session => OrderViewTable.OpenBefore(session, before, limit)));
        return TypedResults.Ok(new OverdueOrders([.. open.OrderBy(order => order.CreatedAt).Take(limit).Select(order => order.OrderId)]));
    }

    private static async Task<Ok<OrderBooks>> ReadBooksAsync(ReadOrderBooks read, Shards shards, CancellationToken cancellationToken)
    {
        await Task.WhenAll(shards.Views.Select(views => views.CatchUpAsync(cancellationToken)));
        var limit = Math.Clamp(read.Limit, 1, 10_000);
        var found = shards.Stores
            .SelectMany(store => store.Database.Read(session => OrderViewTable.After(session, read.Cursor ?? "", limit + 1)))
            .OrderBy(order => order.OrderId, StringComparer.Ordinal).Take(limit + 1).ToList();
        var items = found.Take(limit).Select(order => new OrderBook(order.OrderId, order.UserId, order.Status, order.Total));
        return TypedResults.Ok(new OrderBooks([.. items], found.Count > limit ? found[limit - 1].OrderId : null));
    }
}
