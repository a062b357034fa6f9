using Microsoft.Extensions.Caching.Hybrid;
using Quayside.EventSourcing;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Queries;

/// <summary>Reads orders. One order is always shown with every event that was committed before; lists may miss the newest for a moment.</summary>
internal sealed class OrderReader(Shards shards, HybridCache cache, TimeProvider time)
{
    /// <summary>An order at one of its versions never changes, so nothing has to be invalidated; the database is as near as a second level.</summary>
    private static readonly HybridCacheEntryOptions MemoryOnly = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };

    /// <summary>A view that is further behind than this is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The order at the version that its events have, from memory if it was read at that version before.</summary>
    public async ValueTask<OrderView?> FindAsync(string orderId, CancellationToken cancellationToken) => await shards.OnOwnerAsync(
        orderId,
        async () => await shards.Of(orderId).ReadVersionAsync(orderId, cancellationToken) is > 0 and var version
            ? await cache.GetOrCreateAsync($"order:{orderId}:{version}", token => LoadAsync(orderId, token), MemoryOnly, cancellationToken: cancellationToken)
            : null,
        cancellationToken);

    /// <summary>The view if it is up to date; a moment after a command it is not, then the stream itself is folded.</summary>
    private async ValueTask<OrderView?> LoadAsync(string orderId, CancellationToken cancellationToken)
    {
        var store = shards.Of(orderId);
        return await store.ReadHereAsync(orderId, session => OrderViewTable.FindCurrentAsync(session, orderId), cancellationToken)
            ?? OrderViews.Fold(null, await store.ReadStreamAsync(orderId, cancellationToken));
    }

    /// <summary>The order as it was at a time; null if it was not there yet.</summary>
    public async ValueTask<OrderView?> FindAsync(string orderId, DateTimeOffset at, CancellationToken cancellationToken) =>
        OrderViews.Fold(null, await HistoryAsync(orderId, at, cancellationToken));

    /// <summary>Orders of a user, newest first, after a place in that order. What is listed is as new as <see cref="FindAsync(string, CancellationToken)"/> shows it.</summary>
    public async Task<List<OrderSummary>> ListAsync(string userId, long beforeTicks, string beforeId, int limit, CancellationToken cancellationToken)
    {
        var rows = await shards.ReadRowsAsync(session => OrderViewTable.OfUserAsync(session, userId, beforeTicks, beforeId, limit), cancellationToken);
        var merged = rows
            .OrderByDescending(order => order.CreatedAt).ThenByDescending(order => order.OrderId, StringComparer.Ordinal)
            .Take(limit).ToList();
        for (var i = 0; i < merged.Count; i++)
        {
            if (merged[i].IsBehind && await FindAsync(merged[i].OrderId, cancellationToken) is { } current)
                merged[i] = OrderSummary.Of(current);
        }
        return merged;
    }

    /// <summary>Completes when lists contain the order at that version.</summary>
    /// <returns>False if that takes too long.</returns>
    public async Task<bool> ReachAsync(ConsistencyToken token, CancellationToken cancellationToken)
    {
        var shard = shards.Router.Of(token.OrderId);
        if (await shard.Store.Database.ReadAsync(session => OrderViewTable.VersionAsync(session, token.OrderId), cancellationToken) >= token.Version)
            return true;
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await shard.Views.CatchUpAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <param name="until">Later events are left out.</param>
    public async ValueTask<IReadOnlyList<DomainEvent>> HistoryAsync(string orderId, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var history = await shards.OnOwnerAsync(orderId, () => shards.Of(orderId).ReadStreamAsync(orderId, cancellationToken).AsTask(), cancellationToken);
        return until is null ? history : [.. history.Where(happened => happened.Timestamp <= until)];
    }
}
