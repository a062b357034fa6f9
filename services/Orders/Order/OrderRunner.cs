using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Order;

/// <summary>Loads, decides and appends orders on the shard that has them.</summary>
internal sealed class OrderRunner(Shards shards, TimeProvider time)
{
    private readonly DeciderRunner<OrderState, OrderCommand, OrderEvent, OrderRefusal> _runner =
        new(OrderDecider.Instance, OrderCodec.Instance, shards.Of, time);

    public ValueTask<Folded<OrderState>> LoadAsync(string orderId, CancellationToken cancellationToken) =>
        _runner.LoadAsync(orderId, cancellationToken);

    public Task<Handled<OrderState, OrderRefusal>> HandleAsync(
        string orderId, OrderCommand command, EventMetadata metadata, CancellationToken cancellationToken) =>
        _runner.HandleAsync(orderId, command, metadata, cancellationToken);
}
