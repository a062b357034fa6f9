using Quayside.EventSourcing;
using Quayside.EventSourcing.Buckets;
using Quayside.Sharding.Resharding;

namespace Quayside.Sharding;

/// <summary>
/// Finds the shard of a key by this process's copy of the table of buckets. The copy may be old: the shards know what they own, refuse what they do not,
/// and then the table is read anew.
/// </summary>
/// <param name="directory">Where the table is.</param>
/// <param name="open">Opens the shard of a number, its views prepared and running.</param>
/// <param name="time">The clock.</param>
public sealed class ShardRouter(ShardDirectory directory, Func<int, CancellationToken, ValueTask<Shard>> open, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile Opened? _opened;

    private sealed record Opened(BucketMap Map, Shard[] Shards);

    /// <summary>How long a request waits for what is being moved. A freeze is shorter, unless the mover died in it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(8);

    public BucketMap Map => Now.Map;

    public IReadOnlyList<Shard> Shards => Now.Shards;

    private Opened Now => _opened ?? throw new InvalidOperationException("The shards are not open yet");

    public Shard Of(string key) => Now is var now ? now.Shards[now.Map.ShardOf(key)] : null!;

    /// <summary>Reads the table, or makes it at the first start, and opens all shards.</summary>
    public async Task OpenAsync(BucketMap first, CancellationToken cancellationToken) =>
        await TakeAsync(await directory.LoadOrCreateAsync(first, cancellationToken), cancellationToken);

    /// <summary>Reads the table anew and opens the shards that it adds.</summary>
    /// <returns>Whether it was newer.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken) =>
        await TakeAsync(await directory.ReadMapAsync(cancellationToken), cancellationToken);

    /// <summary>Runs work on one aggregate where it is. The work is repeated when it meets a shard that has it no longer, or not yet: then nothing was written.</summary>
    /// <exception cref="ShardBusyException">After <see cref="Patience"/>.</exception>
    public async Task<T> OnOwnerAsync<T>(string key, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await work();
            }
            catch (BucketMovedException)
            {
                if (await RefreshAsync(cancellationToken))
                    continue;
            }
            await PauseAsync(pause, started, key, cancellationToken);
        }
    }

    /// <summary>The same read on every shard at once, of one common moment: what moves meanwhile is in the answer of its old shard, of its new one, or of both.</summary>
    /// <exception cref="ShardBusyException">After <see cref="Patience"/>.</exception>
    public async Task<T[]> ReadAllAsync<T>(Func<Shard, Task<T>> read, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var shards = Now.Shards;
            var before = await Task.WhenAll(shards.Select(shard => shard.Buckets.ReadVersionAsync(cancellationToken).AsTask()));
            if (before.Max(version => version.Shards) > shards.Length)
            {
                await RefreshAsync(cancellationToken);
            }
            else
            {
                var answers = await Task.WhenAll(shards.Select(read));
                var after = await Task.WhenAll(shards.Select(shard => shard.Buckets.ReadVersionAsync(cancellationToken).AsTask()));
                if (before.SequenceEqual(after))
                    return answers;
            }
            await PauseAsync(pause, started, "A part of what was asked for", cancellationToken);
        }
    }

    private async Task PauseAsync(TimeSpan pause, long started, string what, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(started) > Patience)
            throw new ShardBusyException(what);
        await Task.Delay(pause, time, cancellationToken);
    }

    private async Task<bool> TakeAsync(BucketMap map, CancellationToken cancellationToken)
    {
        if (_opened?.Map.Epoch >= map.Epoch)
            return false;
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var known = _opened;
            if (known?.Map.Epoch >= map.Epoch)
                return true;
            List<Shard> shards = [.. known?.Shards ?? []];
            while (shards.Count < map.Shards)
            {
                var shard = await open(shards.Count, cancellationToken);
                await shard.Buckets.InitializeAsync([.. map.BucketsOf(shards.Count)], cancellationToken);
                shards.Add(shard);
            }
            _opened = new Opened(map, [.. shards]);
            return true;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in _opened?.Shards ?? [])
            await shard.Store.DisposeAsync();
        _refreshing.Dispose();
    }
}
