using System.Collections.Concurrent;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Buckets;
using Quayside.Patterns.Tests.EventSourcing;
using Quayside.Patterns.Tests.Outbox;
using Quayside.Servers;
using Quayside.Sharding;
using Quayside.Sharding.Resharding;

namespace Quayside.Patterns.Tests.Sharding;

public sealed class SqliteReshardingTests() : ReshardingTests(new SqliteFiles());

/// <summary>By itself: readers of the same server wait for every transaction that is open, and here many are.</summary>
[CollectionDefinition(nameof(PostgresReshardingTests), DisableParallelization = true)]
public sealed class AloneOnPostgres;

[Collection(nameof(PostgresReshardingTests))]
public sealed class PostgresReshardingTests(PostgresServer server) : ReshardingTests(new PostgresSchemas(server));

/// <summary>From four shards to six while two processes append and read.</summary>
public abstract class ReshardingTests(Databases databases) : IAsyncLifetime
{
    private const int Counters = 60;
    private readonly RecordingBroker _broker = new();
    private readonly ConcurrentDictionary<string, long> _acknowledged = new();
    private Replica _one = null!;
    private Replica _two = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _one = await Replica.StartAsync(databases, _broker);
        _two = await Replica.StartAsync(databases, _broker);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in new[] { _one, _two })
            await (replica?.DisposeAsync() ?? default);
        await databases.DisposeAsync();
    }

    public static TheoryData<MoveStep> Steps => [.. Enum.GetValues<MoveStep>()];

    [Fact]
    public async Task Nothing_is_lost_doubled_or_seen_to_go_back()
    {
        await UseWhileAsync(() => _one.MoveAsync(6));
        await CheckAsync();
        Assert.Equal(6, _two.Router.Shards.Count);
    }

    [Fact]
    public async Task Shards_that_have_grown_grow_again()
    {
        await UseWhileAsync(async () =>
        {
            await _one.MoveAsync(5);
            await _two.MoveAsync(7);
        });
        await CheckAsync();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Another_mover_goes_on_where_one_stopped_and_the_first_waking_up_changes_nothing(MoveStep step)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wakes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new MoverOptions { GroupSize = 64, Lease = TimeSpan.FromMilliseconds(300), LongestFreeze = TimeSpan.FromSeconds(10) };
        var groups = 0;
        var first = _one.Mover(
            async (at, _) =>
            {
                groups += at == MoveStep.Copying ? 1 : 0;
                if (at == step && groups >= 2 && stopped.TrySetResult())
                    await wakes.Task;
            },
            options);
        await UseWhileAsync(async () =>
        {
            await _one.Directory.BeginAsync(5, "root", "key", Token);
            var running = first.RunAsync(Token);
            await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
            var second = _two.Mover(options: options);
            while (!await second.RunAsync(Token))
                await Task.Delay(20, Token);
            wakes.SetResult();
            await running;
        });
        await CheckAsync();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_mover_that_fails_at_any_step_leaves_what_it_can_take_up_again(MoveStep step)
    {
        var failed = 0;
        var mover = _one.Mover((at, _) => at == step && failed++ == 0 ? throw new IOException("gone") : Task.CompletedTask);
        await UseWhileAsync(async () =>
        {
            await _one.Directory.BeginAsync(5, "root", "key", Token);
            await Assert.ThrowsAsync<IOException>(() => mover.RunAsync(Token));
            Assert.True(await mover.RunAsync(Token));
        });
        Assert.True(failed > 1);
        await CheckAsync();
    }

    [Fact]
    public async Task An_append_in_flight_is_before_the_freeze_and_copied_and_one_after_it_is_refused()
    {
        var (id, shard) = Moving();
        var (written, commit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var inFlight = shard.Store.WriteAsync(
            id,
            async transaction =>
            {
                var result = await transaction.AppendAsync(Counter.Event(id, 0));
                written.SetResult();
                await commit.Task;
                return result;
            },
            Token);
        await written.Task;
        var freezing = shard.Buckets.FreezeAsync([Bucket.Of(id)], 0, Token);
        var late = shard.Store.AppendAsync(Counter.Event(id, 1), Token);
        await Task.WhenAny(freezing, Task.Delay(100, Token));
        Assert.False(freezing.IsCompleted);
        commit.SetResult();
        Assert.IsType<AppendResult.Appended>(await inFlight);
        await freezing;
        _acknowledged[id] = 1;
        if (await late is AppendResult.Appended)
            _acknowledged[id] = 2;
        Assert.IsType<AppendResult.Moved>(await shard.Store.AppendAsync(Counter.Event(id, _acknowledged[id]), Token));
        Assert.Equal(_acknowledged[id], (await shard.Store.ReadStreamAsync(id, Token)).Count);
        await _one.MoveAsync(6);
        await CheckAsync();
    }

    [Fact]
    public async Task The_old_shard_takes_and_tells_nothing_of_what_has_moved_and_a_rebuild_does_not_bring_it_back()
    {
        var (id, old) = Moving();
        var stays = Enumerable.Range(0, 1000).Select(i => $"s{i}").First(key => _one.Router.Of(key) == old && BucketMap.Even(4).GrowTo(6).ShardOf(key) == old.Number);
        await IncreaseAsync(_one, id);
        await IncreaseAsync(_one, stays);
        await _one.MoveAsync(6);
        Assert.IsType<AppendResult.Moved>(await old.Store.AppendAsync(Counter.Event(id, 1), Token));
        await Assert.ThrowsAsync<BucketMovedException>(() => old.Store.ReadStreamAsync(id, Token).AsTask());
        await Assert.ThrowsAsync<BucketMovedException>(() => old.Store.HasCommandAsync(id, "any", Token).AsTask());
        await old.Views.RebuildAsync(Token);
        Assert.Equal([stays], await old.Store.Database.ReadAsync(session => session.ReadAsync("SELECT id FROM totals", row => row.GetString(0)), Token));
        await CheckAsync();
    }

    [Fact]
    public async Task What_differs_does_not_move()
    {
        var (id, old) = Moving();
        await IncreaseAsync(_one, id);
        await _one.Directory.BeginAsync(6, "root", "key", Token);
        await _one.Router.RefreshAsync(Token);
        var target = _one.Router.Shards[BucketMap.Even(4).GrowTo(6).ShardOf(id)];
        var copied = (await old.Store.ReadStreamAsync(id, Token))[0];
        await target.Buckets.ImportAsync([copied with { Data = "{}"u8.ToArray() }], Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _one.Mover().RunAsync(Token));
        Assert.Same(old, _one.Router.Of(id));
        Assert.Equal(2, await IncreaseAsync(_two, id));
    }

    [Fact]
    public async Task A_broker_that_takes_nothing_ends_the_freeze_and_not_the_appends()
    {
        var (id, _) = Moving();
        var up = new TaskCompletionSource();
        var frozen = 0;
        var options = new MoverOptions { GroupSize = 64, LongestFreeze = TimeSpan.FromMilliseconds(200), Pause = TimeSpan.FromMilliseconds(10) };
        var mover = _one.Mover(
            async (step, group) =>
            {
                if (step != MoveStep.Freezing || !group.Buckets.Contains(Bucket.Of(id)))
                    return;
                if (frozen++ == 0)
                {
                    _broker.Before = (_, token) => up.Task.WaitAsync(token);
                    await IncreaseAsync(_one, id);
                }
            },
            options);
        await _one.Directory.BeginAsync(6, "root", "key", Token);
        var running = mover.RunAsync(Token);
        await UntilAsync(() => frozen > 0);
        Assert.Equal(2, await IncreaseAsync(_two, id, after: () => _acknowledged.ContainsKey(id)));
        Assert.InRange((await _one.Directory.ReadMapAsync(Token)).ShardOfBucket[Bucket.Of(id)], 0, 3);
        up.SetResult();
        Assert.True(await running);
        Assert.True(frozen > 1);
        await CheckAsync();
    }

    [Fact]
    public async Task Asking_again_under_the_same_key_is_the_same_request_and_shards_are_only_added()
    {
        var directory = _one.Directory;
        Assert.Equal(ReshardingRequest.Fewer, await directory.BeginAsync(3, "root", "a", Token));
        Assert.Equal(ReshardingRequest.Accepted, await directory.BeginAsync(6, "root", "b", Token));
        Assert.Equal(ReshardingRequest.Accepted, await directory.BeginAsync(6, "root", "b", Token));
        Assert.Equal(ReshardingRequest.KeyReused, await directory.BeginAsync(7, "root", "b", Token));
        Assert.Equal(ReshardingRequest.Busy, await directory.BeginAsync(7, "root", "c", Token));
        Assert.True(await _two.Mover().RunAsync(Token));
        Assert.Equal(ReshardingRequest.Accepted, await directory.BeginAsync(7, "root", "c", Token));
    }

    /// <returns>An aggregate that goes to another shard, and the shard that has it.</returns>
    private (string Id, Shard Shard) Moving()
    {
        var id = Enumerable.Range(0, 1000).Select(i => $"m{i}").First(key => BucketMap.Even(4).GrowTo(6).ShardOf(key) >= 4);
        return (id, _one.Router.Of(id));
    }

    private async Task<long> IncreaseAsync(Replica replica, string id, Func<bool>? after = null)
    {
        if (after is not null)
            await UntilAsync(after);
        var version = await replica.IncreaseAsync(id);
        _acknowledged.AddOrUpdate(id, version, (_, known) => Math.Max(known, version));
        return version;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
            await Task.Delay(5, deadline.Token);
    }

    /// <summary>Appends and reads at both replicas as long as the work runs, and a little before.</summary>
    private async Task UseWhileAsync(Func<Task> work)
    {
        for (var i = 0; i < Counters; i++)
            await IncreaseAsync(_one, $"c{i}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Replica[] replicas = [_one, _two];
        Task[] using_ =
        [
            .. Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteAsync(replicas[writer % 2], new Random(writer), writer, stop.Token), Token)),
            .. replicas.Select(replica => Task.Run(() => ListAsync(replica, stop.Token), Token)),
            Task.Run(() => ReadOneAsync(stop.Token), Token),
        ];
        try
        {
            await work();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(using_);
        }
    }

    private async Task WriteAsync(Replica replica, Random random, int writer, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await IncreaseAsync(replica, i % 10 == 0 ? $"new{writer}-{i}" : $"c{random.Next(Counters)}");
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static async Task ListAsync(Replica replica, CancellationToken stop)
    {
        Dictionary<string, long> seen = [];
        while (!stop.IsCancellationRequested)
        {
            var list = await replica.ListAsync();
            foreach (var (id, total) in seen)
                Assert.True(list.TryGetValue(id, out var now) && now >= total, $"{id} was {total} and is {(list.TryGetValue(id, out now) ? now : null)}");
            seen = list;
            await Task.Delay(10, CancellationToken.None);
        }
    }

    /// <summary>Whichever replica is asked, an aggregate has at least what was acknowledged, or seen, before.</summary>
    private async Task ReadOneAsync(CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var id = $"c{i / 2 % Counters}";
            var least = _acknowledged[id];
            var found = (await (i % 2 == 0 ? _one : _two).ReadAsync(id)).Count;
            Assert.True(found >= least, $"{id} has {found} of {least}");
            _acknowledged.AddOrUpdate(id, found, (_, known) => Math.Max(known, found));
            await Task.Delay(2, CancellationToken.None);
        }
    }

    private async Task CheckAsync()
    {
        var map = await _one.Directory.ReadMapAsync(Token);
        await _one.Router.RefreshAsync(Token);
        List<DomainEvent> all = [];
        foreach (var (id, count) in _acknowledged)
        {
            var stream = await _one.ReadAsync(id);
            Assert.Equal(Enumerable.Range(1, (int)count).Select(v => (long)v), stream.Select(e => e.Version));
            all.AddRange(stream);
        }
        await _broker.WaitForAsync(taken => taken.DistinctBy(e => e.EventId).Count() >= all.Count);
        Assert.Equal(all.Select(e => e.EventId).Order(), _broker.Taken.Select(e => e.EventId).Order());
        Assert.All(_broker.Taken.GroupBy(e => e.AggregateId), one => Assert.Equal(one.Select(e => e.Version).Order(), one.Select(e => e.Version)));

        foreach (var shard in _one.Router.Shards)
        {
            Assert.Equal(map.BucketsOf(shard.Number), await shard.Buckets.ReadAsync(BucketState.Owned, Token));
            Assert.Empty(await shard.Buckets.ReadAsync(BucketState.Arriving, Token));
            await shard.Views.CatchUpAsync(Token);
        }
        Assert.Equal(_acknowledged.OrderBy(one => one.Key), (await _two.ListAsync()).OrderBy(one => one.Key));
        var pages = await Task.WhenAll(_one.Router.Shards.Select(shard => shard.Store.ReadPageAsync(Cursor.Start, 100_000, ["counter.increased"], Token).AsTask()));
        Assert.Equal(all.Select(e => e.EventId).Order(), pages.SelectMany(page => page.Events).Select(e => e.Event.EventId).Order());
    }
}
