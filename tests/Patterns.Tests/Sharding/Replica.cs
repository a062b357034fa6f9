using Microsoft.Extensions.Logging.Abstractions;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Outbox;
using Quayside.Patterns.Tests.EventSourcing;
using Quayside.Patterns.Tests.Outbox;
using Quayside.Sharding;
using Quayside.Sharding.Resharding;

namespace Quayside.Patterns.Tests.Sharding;

/// <summary>One process of a service that has counters on shards: its own connections, its own copy of the table, relays and projections of every shard that it knows.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly SqlDatabase _directory;
    private readonly DeciderRunner<int, Increase, CounterEvent, TooMuch> _counters;

    private Replica(SqlDatabase directory, Databases databases, RecordingBroker broker)
    {
        _directory = directory;
        Directory = new ShardDirectory(directory, TimeProvider.System);
        Router = new ShardRouter(Directory, async (number, _) => await OpenAsync(number, await databases.AtAsync($"shard{number}"), broker), TimeProvider.System);
        _counters = new(Counter.Decider, Counter.Codec, id => Router.Of(id).Store, TimeProvider.System);
    }

    public ShardDirectory Directory { get; }

    public ShardRouter Router { get; }

    public static async Task<Replica> StartAsync(Databases databases, RecordingBroker broker)
    {
        var replica = new Replica((await databases.AtAsync("directory")).Open(ShardDirectory.Schema), databases, broker);
        await replica.Router.OpenAsync(BucketMap.Even(4), CancellationToken.None);
        return replica;
    }

    /// <returns>The version that it reached.</returns>
    public Task<long> IncreaseAsync(string id) => Router.OnOwnerAsync(
        id, async () => (await _counters.HandleAsync(id, new Increase(1), new EventMetadata(CommandId: Guid.NewGuid().ToString()), CancellationToken.None)).Version, CancellationToken.None);

    public Task<IReadOnlyList<DomainEvent>> ReadAsync(string id) =>
        Router.OnOwnerAsync(id, () => Router.Of(id).Store.ReadStreamAsync(id, CancellationToken.None).AsTask(), CancellationToken.None);

    /// <summary>What a list shows: of two answers for one aggregate the newer one.</summary>
    public async Task<Dictionary<string, long>> ListAsync() =>
        (await Router.ReadAllAsync(shard => BucketTotals.ReadAsync(shard.Store), CancellationToken.None))
        .SelectMany(totals => totals).GroupBy(total => total.Id).ToDictionary(of => of.Key, of => of.Max(total => total.Total));

    public BucketMover Mover(Func<MoveStep, BucketGroup, Task>? before = null, MoverOptions? options = null) =>
        new(Directory, Router, options ?? new MoverOptions { GroupSize = 64 }, TimeProvider.System, NullLogger<BucketMover>.Instance) { Before = before ?? ((_, _) => Task.CompletedTask) };

    public async Task MoveAsync(int shards)
    {
        await Directory.BeginAsync(shards, "root", Guid.NewGuid().ToString(), CancellationToken.None);
        Assert.True(await Mover().RunAsync(CancellationToken.None));
    }

    private async ValueTask<Shard> OpenAsync(int number, DatabaseAddress address, RecordingBroker broker)
    {
        var store = new EventStore(address, OutboxRelay.Schema, Bucket.Of);
        var views = new ProjectionRunner(store, new BucketTotals(), TimeProvider.System);
        await views.PrepareAsync(CancellationToken.None);
        var relay = new OutboxRelay(store, broker.PublishAsync, new(), TimeProvider.System, NullLogger<OutboxRelay>.Instance);
        _running.AddRange([views.RunAsync(_stop.Token), relay.RunAsync(_stop.Token), store.WatchAsync(_stop.Token)]);
        return new Shard(number, store, views, token => OutboxRelay.ReadProgressAsync(store, token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Router.DisposeAsync();
        await _directory.DisposeAsync();
        _stop.Dispose();
    }
}
