using System.Collections.Concurrent;
using System.Data.Common;
using Quayside.EventSourcing;

namespace Quayside.Orders.Live;

/// <summary>
/// Wakes whoever follows an order when something happens to it, here or in another replica. One reader a shard finds out for all of them, and reads
/// only while somebody follows.
/// </summary>
internal sealed partial class OrderChanges(TimeProvider time, ILogger<OrderChanges> logger)
{
    private const int Batch = 200;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Follower[]> _followers = new(StringComparer.Ordinal);
    private readonly Signal _wanted = new();

    /// <summary>To be disposed of when the order is not followed any more.</summary>
    public Follower Follow(string orderId)
    {
        var follower = new Follower(this, orderId);
        _followers.AddOrUpdate(orderId, _ => [follower], (_, others) => [.. others, follower]);
        _wanted.Raise();
        return follower;
    }

    /// <summary>Reads what is appended to a shard. Runs until cancelled.</summary>
    public async Task ReadAsync(EventStore store, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WaitUntilWantedAsync(cancellationToken);
                await ReadWhileWantedAsync(store, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (DbException failure)
            {
                Log.Failed(logger, failure);
                await Task.Delay(AfterFailure, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitUntilWantedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wanted = _wanted.Next;
            if (!_followers.IsEmpty)
                return;
            await wanted.WaitAsync(cancellationToken);
        }
    }

    private async Task ReadWhileWantedAsync(EventStore store, CancellationToken cancellationToken)
    {
        var cursor = await store.ReadHorizonAsync(cancellationToken);
        // what was committed before the cursor will not be read here
        foreach (var orderId in _followers.Keys)
            Raise(orderId);
        while (!_followers.IsEmpty)
        {
            var appended = store.NextAppend;
            var events = await store.ReadAfterAsync(cursor, Batch, cancellationToken);
            foreach (var orderId in events.Select(stored => stored.Event.AggregateId).Distinct())
                Raise(orderId);
            if (events.Count > 0)
                cursor = events[^1].Cursor;
            else
                await store.WaitForMoreAsync(appended, cursor, time, cancellationToken);
        }
    }

    private void Raise(string orderId)
    {
        foreach (var follower in _followers.GetValueOrDefault(orderId) ?? [])
            follower.Happened.Raise();
    }

    private void Remove(Follower follower)
    {
        while (_followers.TryGetValue(follower.OrderId, out var all))
        {
            Follower[] left = [.. all.Where(other => other != follower)];
            if (left.Length > 0
                ? _followers.TryUpdate(follower.OrderId, left, all)
                : ((ICollection<KeyValuePair<string, Follower[]>>)_followers).Remove(new(follower.OrderId, all)))
                return;
        }
    }

    internal sealed class Follower(OrderChanges changes, string orderId) : IDisposable
    {
        internal string OrderId => orderId;

        internal Signal Happened { get; } = new();

        /// <summary>Completes with the next event of the order. Take it before reading the order.</summary>
        public Task Next => Happened.Next;

        public void Dispose() => changes.Remove(this);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Nobody who follows an order of a shard is told for a second")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
