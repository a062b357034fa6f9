using Microsoft.Extensions.Logging;

namespace Quayside.Caching;

/// <summary>Brings invalidations to the second level, then to the other replicas: whoever hears of one finds the second level ready. What fails is tried again every second.</summary>
/// <param name="publish">None: no other replica has anything in memory.</param>
/// <param name="settled">Called once the second level is told, or never will be.</param>
/// <param name="lost">Called when one was given up that the second level was not told.</param>
internal sealed partial class InvalidationDelivery(
    SharedLevel shared, PublishInvalidation? publish, Action<Invalidation> settled, Action lost, CacheMetrics metrics, TimeProvider time, ILogger logger) : IDisposable
{
    private const int MaxPending = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Older than this nobody has it in memory, and few in their second level.</summary>
    private static readonly TimeSpan BroadcastFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(bool, string), Pending> _pending = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _isRetrying;

    private sealed record Pending(Invalidation Invalidation, long Since)
    {
        public bool NeedsShared { get; set; }
        public bool NeedsBroadcast { get; set; }
        public bool IsDone => !NeedsShared && !NeedsBroadcast;
    }

    /// <summary>Returns when it is done, or was tried; within 2 s whatever is down.</summary>
    public async Task DeliverAsync(Invalidation invalidation, bool isHeard)
    {
        var pending = new Pending(invalidation, time.GetTimestamp()) { NeedsShared = true, NeedsBroadcast = !isHeard && publish is not null };
        await TryAsync(pending, withBroadcast: true).ConfigureAwait(false);
        if (!pending.IsDone)
            Keep(pending);
    }

    private async Task TryAsync(Pending pending, bool withBroadcast)
    {
        var invalidation = pending.Invalidation;
        if (pending.NeedsShared)
        {
            var (key, life) = invalidation.Tag is { } tag
                ? (CacheKey.OfTag(tag), MultiLevelCache.LongestLife)
                : (CacheKey.OfEntry(invalidation.Key!), MultiLevelCache.MarkerLife);
            pending.NeedsShared = !await shared.TryInvalidateAsync(key, invalidation.Stamp, life).ConfigureAwait(false);
            if (!pending.NeedsShared)
                settled(invalidation);
        }
        if (pending.NeedsBroadcast && withBroadcast)
            pending.NeedsBroadcast = !await TryPublishAsync(invalidation).ConfigureAwait(false);
    }

    private async Task<bool> TryPublishAsync(Invalidation invalidation)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            await publish!(invalidation, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            metrics.Invalidation("sent");
            return true;
        }
#pragma warning disable CA1031 // a broker that is down costs staleness, never an error
        catch (Exception failure)
#pragma warning restore CA1031
        {
            metrics.Invalidation("failed");
            Log.NotSent(logger, failure.Message);
            return false;
        }
    }

    private void Keep(Pending pending)
    {
        Pending? oldest = null;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return;
            var subject = pending.Invalidation.Subject;
            if (_pending.TryGetValue(subject, out var known))
                pending = Merge(known, pending);
            else if (_pending.Count >= MaxPending)
            {
                oldest = _pending.Values.MinBy(one => one.Since)!;
                _pending.Remove(oldest.Invalidation.Subject);
            }
            _pending[subject] = pending;
            if (!_isRetrying)
            {
                _isRetrying = true;
                _ = RetryAsync();
            }
        }
        if (oldest is not null)
            GiveUp(oldest);
    }

    private static Pending Merge(Pending known, Pending next)
    {
        var stamp = known.Invalidation.Stamp.With(next.Invalidation.Stamp);
        return new(next.Invalidation with { Version = stamp.Id is null ? stamp.Version : 0, At = stamp.At, Id = stamp.Id }, next.Since)
        {
            NeedsShared = known.NeedsShared || next.NeedsShared,
            NeedsBroadcast = known.NeedsBroadcast || next.NeedsBroadcast,
        };
    }

    private async Task RetryAsync()
    {
        while (true)
        {
            await Task.Delay(Pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Pending[] round;
            lock (_gate)
            {
                if (_pending.Count == 0 || _stop.IsCancellationRequested)
                {
                    _isRetrying = false;
                    return;
                }
                round = [.. _pending.Values.OrderBy(one => one.Since)];
            }
            var isBrokerThere = true;
            foreach (var pending in round)
            {
                await TryAsync(pending, isBrokerThere).ConfigureAwait(false);
                isBrokerThere &= !pending.NeedsBroadcast;
                Forget(pending);
            }
        }
    }

    private void Forget(Pending pending)
    {
        var age = time.GetElapsedTime(pending.Since);
        var isOver = age > MultiLevelCache.LongestLife;
        if (pending.NeedsBroadcast && age > BroadcastFor)
        {
            pending.NeedsBroadcast = false;
            metrics.Invalidation("dropped");
        }
        if (!pending.IsDone && !isOver)
            return;
        lock (_gate)
        {
            // merged with a later one meanwhile: that one stays
            if (_pending.TryGetValue(pending.Invalidation.Subject, out var now) && ReferenceEquals(now, pending))
                _pending.Remove(pending.Invalidation.Subject);
        }
        if (isOver && pending.NeedsShared)
            settled(pending.Invalidation);
    }

    private void GiveUp(Pending oldest)
    {
        Log.GivenUp(logger, oldest.Invalidation.Subject.Name);
        if (oldest.NeedsBroadcast)
            metrics.Invalidation("dropped");
        if (!oldest.NeedsShared)
            return;
        lost();
        settled(oldest.Invalidation);
    }

    public void Dispose() => _stop.Cancel();

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "An invalidation could not be sent and will be again: {Reason}")]
        public static partial void NotSent(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "Too many invalidations wait: that of {Subject} is given up")]
        public static partial void GivenUp(ILogger logger, string subject);
    }
}
