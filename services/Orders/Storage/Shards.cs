using Microsoft.Extensions.Options;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Queries;
using Quayside.Outbox;
using Quayside.Sharding;

namespace Quayside.Orders.Storage;

/// <summary>The event store of each shard, and the table that says which shard has an order.</summary>
internal sealed class Shards(OrdersDatabases databases, IOptions<OrdersOptions> options, TimeProvider time) : IAsyncDisposable
{
    private BucketMap? _map;
    private EventStore[] _stores = [];

    public BucketMap Map => _map ?? throw new InvalidOperationException("The shards are not open yet");

    public IReadOnlyList<EventStore> Stores => _stores;

    public IReadOnlyList<ProjectionRunner> Views { get; private set; } = [];

    /// <summary>Before the first request: reads the table of buckets, or makes it at the first start, and opens the shards and their views.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _map = await databases.Directory.WriteAsync(session => BucketMapTable.LoadOrCreateAsync(session, BucketMap.Even(options.Value.Shards)), cancellationToken);
        _stores = [.. Enumerable.Range(0, _map.Shards).Select(i => new EventStore(databases.Shard(i), OutboxRelay.Schema))];
        Views = [.. _stores.Select(store => new ProjectionRunner(store, new OrderViewTable(), time))];
        foreach (var views in Views)
            await views.PrepareAsync(cancellationToken);
    }

    public EventStore Of(string orderId) => _stores[Map.ShardOf(orderId)];

    /// <summary>The same read on every shard at once.</summary>
    public Task<T[]> ReadAllAsync<T>(Func<SqlSession, ValueTask<T>> read, CancellationToken cancellationToken) =>
        Task.WhenAll(_stores.Select(store => store.Database.ReadAsync(read, cancellationToken).AsTask()));

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
    }
}
