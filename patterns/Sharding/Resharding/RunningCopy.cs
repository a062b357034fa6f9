using Quayside.EventSourcing;

namespace Quayside.Sharding.Resharding;

/// <summary>
/// Copies what one mover has to move, shard by shard in one pass each, while it is in use: when a group is frozen only the end of its shard is left to read.
/// A second pass over each new shard takes note of what has really arrived.
/// </summary>
internal sealed class RunningCopy
{
    private readonly BucketMap _map;
    private readonly BucketMap _target;
    private readonly IReadOnlyList<Shard> _shards;
    private readonly Dictionary<int, ShardScan> _sources = [];
    private readonly Dictionary<int, ShardScan> _arrivals = [];

    public RunningCopy(ReshardingState state, IReadOnlyList<Shard> shards)
    {
        (_map, _target, _shards) = (state.Map, state.Target!, shards);
        foreach (var shard in shards)
        {
            _sources[shard.Number] = new(shard.Store, bucket => Moves(bucket) && _map.ShardOfBucket[bucket] == shard.Number);
            _arrivals[shard.Number] = new(shard.Store, bucket => Moves(bucket) && _target.ShardOfBucket[bucket] == shard.Number);
        }
    }

    /// <summary>Before the first event is copied: every shard knows how many there are, and each new one what will come.</summary>
    public async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        foreach (var shard in _shards)
        {
            await shard.Buckets.TellShardsAsync(_shards.Count, cancellationToken);
            await shard.Buckets.ArriveAsync([.. _target.BucketsOf(shard.Number).Where(Moves)], cancellationToken);
        }
    }

    public Task ReadOnAsync(BucketGroup group, Renewal renewal, CancellationToken cancellationToken) => _sources[group.From].ReadOnAsync(
        async events =>
        {
            await renewal.EnsureAsync(cancellationToken);
            foreach (var ofShard in events.GroupBy(stored => _target.ShardOf(stored.AggregateId)))
                await _shards[ofShard.Key].Buckets.ImportAsync([.. ofShard], cancellationToken);
        },
        cancellationToken);

    public bool HasRead(BucketGroup group, Cursor last) => _sources[group.From].HasRead(last);

    public Task ReadArrivedAsync(BucketGroup group, Renewal renewal, CancellationToken cancellationToken) =>
        _arrivals[group.To].ReadOnAsync(_ => renewal.EnsureAsync(cancellationToken), cancellationToken);

    public bool HasReadArrived(BucketGroup group, Cursor last) => _arrivals[group.To].HasRead(last);

    /// <exception cref="InvalidOperationException">The two sides differ.</exception>
    public void Verify(BucketGroup group)
    {
        foreach (var bucket in group.Buckets)
        {
            var (here, there) = (_sources[group.From].Digests[bucket], _arrivals[group.To].Digests[bucket]);
            if (here != there)
                throw new InvalidOperationException($"Bucket {bucket} has {here.Events} events on shard {group.From} and {there.Events} on shard {group.To}, or others; it stays where it is");
        }
    }

    private bool Moves(int bucket) => _map.ShardOfBucket[bucket] != _target.ShardOfBucket[bucket];
}
