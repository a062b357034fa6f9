using Quayside.EventSourcing;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Queries;

/// <summary>Reads one order for its customer.</summary>
internal sealed class OrderReader(Shards shards)
{
    /// <summary>The view if it is up to date; a moment after a command it is not, then the stream itself is folded.</summary>
    public async ValueTask<OrderView?> FindAsync(string orderId, CancellationToken cancellationToken) => await shards.OnOwnerAsync(
        orderId,
        async () =>
        {
            var store = shards.Of(orderId);
            return await store.ReadHereAsync(orderId, session => OrderViewTable.FindCurrentAsync(session, orderId), cancellationToken)
                ?? OrderViews.Fold(null, await store.ReadStreamAsync(orderId, cancellationToken));
        },
        cancellationToken);

    public async ValueTask<IReadOnlyList<DomainEvent>> HistoryAsync(string orderId, CancellationToken cancellationToken) =>
        await shards.OnOwnerAsync(orderId, () => shards.Of(orderId).ReadStreamAsync(orderId, cancellationToken).AsTask(), cancellationToken);
}
