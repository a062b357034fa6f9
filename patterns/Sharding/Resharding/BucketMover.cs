using Microsoft.Extensions.Logging;
using Quayside.EventSourcing;

namespace Quayside.Sharding.Resharding;

/// <summary>
/// Moves buckets between shards while they are used, until the table is the target. Each group: copy while it is in use; freeze; wait until the old shard
/// has published and projected its last event, copy the rest, compare both sides; decide in the directory; then own at the new shard and delete the views
/// at the old one. The directory says what is on its way, each step may be repeated: so another mover goes on where this one died.
/// </summary>
/// <param name="directory">The table and what becomes of it.</param>
/// <param name="router">The shards, opened by this process, their relays and projections running somewhere.</param>
/// <param name="options">Bounds and times.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told each group.</param>
public sealed partial class BucketMover(ShardDirectory directory, ShardRouter router, MoverOptions options, TimeProvider time, ILogger<BucketMover> logger)
{
    /// <summary>Called before each step: a test stops, or fails, here.</summary>
    internal Func<MoveStep, BucketGroup, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Moves all there is to move.</summary>
    /// <returns>false if another mover is at it.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (!(await directory.ReadAsync(cancellationToken)).IsRunning)
            return true;
        if (await directory.TryLeaseAsync(options.Lease, cancellationToken) is not { } lease)
            return false;
        try
        {
            await router.RefreshAsync(cancellationToken);
            await MoveAllAsync(lease, cancellationToken);
            return true;
        }
        catch (MoverReplacedException)
        {
            return false;
        }
        finally
        {
            await directory.EndLeaseAsync(lease);
        }
    }

    private async Task MoveAllAsync(long lease, CancellationToken cancellationToken)
    {
        var copy = new RunningCopy(await directory.ReadAsync(cancellationToken), router.Shards);
        var renewal = new Renewal(directory, lease, options.Lease, time);
        await copy.AnnounceAsync(cancellationToken);
        while (await directory.ReadAsync(cancellationToken) is { IsRunning: true } state)
        {
            await router.RefreshAsync(cancellationToken);
            if (state.Moving is { } begun && begun.HasMovedIn(state.Map))
                await EndAsync(lease, begun, cancellationToken);
            else if ((state.Moving ?? BucketGroup.Next(state.Map, state.Target!, options.GroupSize)) is { } group)
                await MoveAsync(lease, group, copy, renewal, cancellationToken);
            else
                await directory.FinishAsync(lease, cancellationToken);
        }
    }

    /// <summary>Up to the decision.</summary>
    private async Task MoveAsync(long lease, BucketGroup group, RunningCopy copy, Renewal renewal, CancellationToken cancellationToken)
    {
        var source = router.Shards[group.From];
        await directory.SetMovingAsync(lease, group, cancellationToken);
        await Before(MoveStep.Copying, group);
        // what a dead mover left frozen is in use again while we read all that he had read
        await source.Buckets.ThawAsync(group.Buckets, lease, cancellationToken);
        await copy.ReadOnAsync(group, renewal, cancellationToken);
        await copy.ReadArrivedAsync(group, renewal, cancellationToken);
        await DrainAsync(source, renewal, cancellationToken);

        await Before(MoveStep.Freezing, group);
        using var tooLong = new CancellationTokenSource(options.LongestFreeze, time);
        using var frozen = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        try
        {
            await source.Buckets.FreezeAsync(group.Buckets, lease, frozen.Token);
            await CompleteAsync(group, copy, renewal, frozen.Token);
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await source.Buckets.ThawAsync(group.Buckets, lease, CancellationToken.None);
            Log.GivenUp(logger, group.Buckets.Count, group.From, group.To, options.Pause);
            await Task.Delay(options.Pause, time, cancellationToken);
            return;
        }
        catch (Exception)
        {
            await source.Buckets.ThawAsync(group.Buckets, lease, CancellationToken.None);
            throw;
        }
        await Before(MoveStep.Flipping, group);
        // Whoever does not hear how this ended must not thaw: it may have been decided.
        await directory.FlipAsync(lease, group, cancellationToken);
        Log.Moved(logger, group.Buckets.Count, group.From, group.To);
    }

    /// <summary>Nothing is appended to the group any more: what there is goes out, is shown, is copied, and compared.</summary>
    private async Task CompleteAsync(BucketGroup group, RunningCopy copy, Renewal renewal, CancellationToken cancellationToken)
    {
        await Before(MoveStep.Draining, group);
        var last = await DrainAsync(router.Shards[group.From], renewal, cancellationToken);
        await UntilAsync(
            async () =>
            {
                await copy.ReadOnAsync(group, renewal, cancellationToken);
                return copy.HasRead(group, last);
            },
            renewal, cancellationToken);
        await Before(MoveStep.Verifying, group);
        var target = router.Shards[group.To];
        var arrived = await target.Store.ReadLastAsync(cancellationToken);
        await UntilAsync(
            async () =>
            {
                await copy.ReadArrivedAsync(group, renewal, cancellationToken);
                return copy.HasReadArrived(group, arrived);
            },
            renewal, cancellationToken);
        copy.Verify(group);
        await Before(MoveStep.Projecting, group);
        await ShowAsync(target, renewal, cancellationToken);
    }

    /// <summary>After the decision. One aggregate is read at one shard at most at any time, while lists find each of them at one at least.</summary>
    private async Task EndAsync(long lease, BucketGroup group, CancellationToken cancellationToken)
    {
        var (source, target) = (router.Shards[group.From], router.Shards[group.To]);
        await Before(MoveStep.Leaving, group);
        await source.Buckets.LeaveAsync(group.Buckets, cancellationToken);
        await Before(MoveStep.Owning, group);
        await target.Buckets.OwnAsync(group.Buckets, cancellationToken);
        await Before(MoveStep.Releasing, group);
        await source.Buckets.ReleaseAsync(group.Buckets, source.Views, cancellationToken);
        await Before(MoveStep.Ending, group);
        await directory.SetMovingAsync(lease, null, cancellationToken);
    }

    /// <returns>The last event that was there before the call: it is published and in the views, with all before it.</returns>
    private async Task<Cursor> DrainAsync(Shard shard, Renewal renewal, CancellationToken cancellationToken)
    {
        var last = await shard.Store.ReadLastAsync(cancellationToken);
        await ShowAsync(shard, renewal, cancellationToken);
        await UntilAsync(
            async () =>
            {
                shard.Store.Tell();
                return await shard.PublishedAsync(cancellationToken) >= last;
            },
            renewal, cancellationToken);
        return last;
    }

    private async Task ShowAsync(Shard shard, Renewal renewal, CancellationToken cancellationToken)
    {
        var shown = shard.Views.CatchUpAsync(cancellationToken);
        await UntilAsync(
            () =>
            {
                shard.Store.Tell();
                return Task.FromResult(shown.IsCompleted);
            },
            renewal, cancellationToken);
        await shown;
    }

    private async Task UntilAsync(Func<Task<bool>> condition, Renewal renewal, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await renewal.EnsureAsync(cancellationToken);
            await Task.Delay(options.Look, time, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Buckets} buckets have moved from shard {From} to shard {To}")]
        public static partial void Moved(ILogger logger, int buckets, int from, int to);

        [LoggerMessage(LogLevel.Warning, "{Buckets} buckets did not get from shard {From} to shard {To} in time and are thawed; again in {Pause}")]
        public static partial void GivenUp(ILogger logger, int buckets, int from, int to, TimeSpan pause);
    }
}
