using Quayside.EventSourcing;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Queries;

/// <summary>Reads one order for its customer.</summary>
internal sealed class OrderReader(Shards shards)
{
    /// <summary>The view if it is up to date; a moment after a command it is not, then the stream itself is folded.</summary>
    public async ValueTask<OrderView?> FindAsync(string orderId, CancellationToken cancellationToken)
    {
        var store = shards.Of(orderId);
        return await store.Database.ReadAsync(session => OrderViewTable.FindCurrentAsync(session, orderId), cancellationToken)
            ?? OrderViews.Fold(null, await store.ReadStreamAsync(orderId, cancellationToken));
    }

    public ValueTask<IReadOnlyList<DomainEvent>> HistoryAsync(string orderId, CancellationToken cancellationToken) =>
        shards.Of(orderId).ReadStreamAsync(orderId, cancellationToken);
}
