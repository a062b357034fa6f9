using System.Diagnostics.Metrics;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Order;

/// <summary>Loads, decides and appends orders on the shard that has them.</summary>
internal sealed class OrderRunner(Shards shards, TimeProvider time)
{
    private static readonly Meter Meter = new("Quayside.Orders");
    private static readonly Counter<long> Final = Meter.CreateCounter<long>("orders.final", description: "Orders that were shipped or cancelled");

    private readonly Shards _shards = shards;
    private readonly DeciderRunner<OrderState, OrderCommand, OrderEvent, OrderRefusal> _runner =
        new(OrderDecider.Instance, OrderCodec.Instance, shards.Of, time);

    public ValueTask<Folded<OrderState>> LoadAsync(string orderId, CancellationToken cancellationToken) =>
        new(_shards.OnOwnerAsync(orderId, () => _runner.LoadAsync(orderId, cancellationToken).AsTask(), cancellationToken));

    public async Task<Handled<OrderState, OrderRefusal>> HandleAsync(
        string orderId, OrderCommand command, EventMetadata metadata, CancellationToken cancellationToken)
    {
        var handled = await _shards.OnOwnerAsync(orderId, () => _runner.HandleAsync(orderId, command, metadata, cancellationToken), cancellationToken);
        if (handled is { Refusal: null, AlreadyDone: false, State.IsFinal: true })
            Final.Add(1, new KeyValuePair<string, object?>("outcome", handled.State.Status!.Value.ToString()));
        return handled;
    }
}
