using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Quayside.EventSourcing;

namespace Quayside.Outbox;

/// <summary>What a relay does while it holds the lease.</summary>
internal sealed partial class RelaySession(
    EventStore store, RelayLease lease, PublishEvent publish, RelayOptions options, TimeProvider time, ILogger logger)
{
    private const int Batch = 128;

    private readonly Progress _progress = new(lease.Cursor);
    private readonly Channel<Progress.InFlight>[] _lanes =
        [.. Enumerable.Range(0, options.Lanes).Select(_ => Channel.CreateUnbounded<Progress.InFlight>(new() { SingleReader = true }))];

    /// <summary>Runs until cancelled, or until the lease is lost.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var window = new SemaphoreSlim(options.Window);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> parts = [ReadAsync(window, stop.Token), SaveAsync(stop.Token), RenewAsync(stop.Token)];
        parts.AddRange(_lanes.Select(lane => PublishAsync(lane.Reader, window, stop.Token)));
        var ended = await Task.WhenAny(parts);
        await stop.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (cancellationToken.IsCancellationRequested)
            await lease.SaveAsync(_progress.Cursor, CancellationToken.None);
        await ended;
    }

    private async Task ReadAsync(SemaphoreSlim window, CancellationToken cancellationToken)
    {
        var cursor = lease.Cursor;
        while (true)
        {
            var next = store.NextAppend;
            var events = await store.ReadAfterAsync(cursor, Batch, cancellationToken);
            if (events.Count == 0)
            {
                await store.WaitForMoreAsync(next, cursor, time, cancellationToken);
                continue;
            }
            foreach (var stored in events)
            {
                await window.WaitAsync(cancellationToken);
                var item = _progress.Begin(stored);
                if (stored.Arrived)
                    End(item, window);
                else
                    _lanes[LaneOf(stored.Event.AggregateId, _lanes.Length)].Writer.TryWrite(item);
            }
            cursor = events[^1].Cursor;
        }
    }

    /// <summary>Within one process the same lane for the same aggregate.</summary>
    internal static int LaneOf(string aggregateId, int lanes) => (int)((uint)string.GetHashCode(aggregateId, StringComparison.Ordinal) % (uint)lanes);

    private async Task PublishAsync(ChannelReader<Progress.InFlight> lane, SemaphoreSlim window, CancellationToken cancellationToken)
    {
        await foreach (var item in lane.ReadAllAsync(cancellationToken))
        {
            await PublishUntilTakenAsync(item.Stored.Event, cancellationToken);
            End(item, window);
        }
    }

    private void End(Progress.InFlight item, SemaphoreSlim window)
    {
        _progress.End(item);
        window.Release();
    }

    private async Task PublishUntilTakenAsync(DomainEvent stored, CancellationToken cancellationToken)
    {
        for (var pause = options.FirstRetry; ; pause = Shorter(pause * 2, options.LongestRetry))
        {
            await lease.EnsureAsync(cancellationToken);
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(options.AttemptTimeout);
            try
            {
                await publish(stored, attempt.Token);
                return;
            }
#pragma warning disable CA1031 // whatever went wrong, a committed event must go out
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.NotTaken(logger, stored.EventType, stored.AggregateId, stored.Version, pause, failure);
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        var saved = lease.Cursor;
        while (true)
        {
            var moved = _progress.Moved.Next;
            var done = _progress.Cursor;
            if (done > saved)
            {
                await lease.SaveAsync(saved = done, cancellationToken);
                await Task.Delay(options.SaveEvery, time, cancellationToken);
            }
            else
            {
                await moved.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.Lease / 3, time, cancellationToken);
            if (!_progress.IsIdle)
                await lease.EnsureAsync(cancellationToken);
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{EventType} of {AggregateId} version {Version} was not taken by the broker; again in {Pause}")]
        public static partial void NotTaken(
            ILogger logger, string eventType, string aggregateId, long version, TimeSpan pause, Exception failure);
    }
}
