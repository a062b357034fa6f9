using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Orders.Queries;
using Quayside.Outbox;
using Quayside.Sharding;
using Quayside.Sharding.Resharding;

namespace Quayside.Orders.Storage;

/// <summary>The event store of each shard, and the table that says which shard has an order.</summary>
internal sealed class Shards : IAsyncDisposable
{
    private readonly Channel<Shard> _opened = Channel.CreateUnbounded<Shard>();
    private readonly OrdersDatabases _databases;
    private readonly OrdersOptions _options;
    private readonly TimeProvider _time;

    public Shards(OrdersDatabases databases, IOptions<OrdersOptions> options, TimeProvider time)
    {
        (_databases, _options, _time) = (databases, options.Value, time);
        Directory = new ShardDirectory(databases.Directory, time);
        Router = new ShardRouter(Directory, OpenShardAsync, time);
    }

    public ShardDirectory Directory { get; }

    public ShardRouter Router { get; }

    /// <summary>Each shard once, when it is opened: at the start, or when another process has added it.</summary>
    public ChannelReader<Shard> Opened => _opened.Reader;

    public IEnumerable<EventStore> Stores => Router.Shards.Select(shard => shard.Store);

    /// <summary>Before the first request: reads the table of buckets, or makes it at the first start, and opens the shards and their views.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => Router.OpenAsync(BucketMap.Even(_options.Shards), cancellationToken);

    public EventStore Of(string orderId) => Router.Of(orderId).Store;

    /// <summary>Work on one order where it is, wherever it moves meanwhile.</summary>
    public Task<T> OnOwnerAsync<T>(string orderId, Func<Task<T>> work, CancellationToken cancellationToken) => Router.OnOwnerAsync(orderId, work, cancellationToken);

    /// <summary>The same read on every shard at once. An order on its way to another shard may be in both answers; <see cref="ReadRowsAsync"/> has it once.</summary>
    public Task<T[]> ReadAllAsync<T>(Func<SqlSession, ValueTask<T>> read, CancellationToken cancellationToken) =>
        Router.ReadAllAsync(shard => shard.Store.Database.ReadAsync(read, cancellationToken).AsTask(), cancellationToken);

    /// <summary>The rows of every shard, each order once: orders move to shards of higher numbers, which have the newer row.</summary>
    public async Task<IEnumerable<OrderSummary>> ReadRowsAsync(Func<SqlSession, ValueTask<List<OrderSummary>>> read, CancellationToken cancellationToken) =>
        (await ReadAllAsync(read, cancellationToken)).Reverse().SelectMany(rows => rows).DistinctBy(order => order.OrderId);

    private async ValueTask<Shard> OpenShardAsync(int number, CancellationToken cancellationToken)
    {
        var store = new EventStore(_databases.Shard(number), OutboxRelay.Schema, Bucket.Of);
        var views = new ProjectionRunner(store, new OrderViewTable(), _time);
        await views.PrepareAsync(cancellationToken);
        var shard = new Shard(number, store, views, token => OutboxRelay.ReadProgressAsync(store, token));
        _opened.Writer.TryWrite(shard);
        return shard;
    }

    public ValueTask DisposeAsync() => Router.DisposeAsync();
}
