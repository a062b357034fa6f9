using Microsoft.Extensions.Options;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sqlite;
using Quayside.Orders.Queries;
using Quayside.Outbox;
using Quayside.ServiceDefaults.Hosting;
using Quayside.Sharding;

namespace Quayside.Orders.Storage;

/// <summary>The event store of each shard, and the table that says which shard has an order.</summary>
public sealed class Shards : IAsyncDisposable
{
    private readonly EventStore[] _stores;

    public Shards(DataDirectory data, IOptions<OrdersOptions> options, TimeProvider time)
    {
        var durability = options.Value.SurvivePowerLoss ? Durability.Power : Durability.Process;
        Map = BucketMap.LoadOrCreate(data.File("shards.json"), options.Value.Shards);
        _stores = [.. Enumerable.Range(0, Map.Shards).Select(i => new EventStore(data.File($"orders-{i}.db"), OutboxRelay.Schema, durability))];
        Views = [.. _stores.Select(store => new ProjectionRunner(store, new OrderViewTable(), time))];
    }

    public BucketMap Map { get; }

    public IReadOnlyList<EventStore> Stores => _stores;

    public IReadOnlyList<ProjectionRunner> Views { get; }

    public EventStore Of(string orderId) => _stores[Map.ShardOf(orderId)];

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
    }
}
