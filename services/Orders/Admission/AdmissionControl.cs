using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Quayside.Orders.Queries;
using Quayside.Orders.Storage;
using Quayside.Outbox;
using Quayside.Sharding;

namespace Quayside.Orders.Admission;

/// <summary>
/// Refuses orders that would only wait: what is accepted is finished in good time, however much is asked for. All replicas read the same databases,
/// each a few times a second while orders come.
/// </summary>
internal sealed class AdmissionControl(Shards shards, IOptions<AdmissionOptions> options, TimeProvider time)
{
    /// <summary>While views are further behind than this, no order counts as finished.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private static readonly Meter Meter = new("Quayside.Orders");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("orders.refused", description: "Orders that were not admitted");

    private readonly AdmissionOptions _options = options.Value;
    private readonly Lock _measuring = new();
    private Task<Load>? _load;
    private long _measured;

    /// <returns>Null if the order may be placed.</returns>
    public async ValueTask<Overload?> AdmitAsync(string userId, CancellationToken cancellationToken)
    {
        var load = await NowAsync().WaitAsync(cancellationToken);
        var overload = load.Admit(userId, _options);
        if (overload is { } reason)
            Refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
        return overload;
    }

    /// <summary>One measurement for all who come meanwhile.</summary>
    private Task<Load> NowAsync()
    {
        lock (_measuring)
        {
            if (_load is null || (_load.IsCompleted && time.GetElapsedTime(_measured) > _options.MeasureEvery))
                (_load, _measured) = (MeasureAsync(_load is { IsCompletedSuccessfully: true } before ? before.Result : null), time.GetTimestamp());
            return _load;
        }
    }

    private async Task<Load> MeasureAsync(Load? before)
    {
        var ofShards = await Task.WhenAll(shards.Router.Shards.Select(MeasureAsync));
        var lag = ofShards.Max(shard => shard.Lag);
        if (before is not null && !ofShards.All(shard => shard.IsCurrent))
            return before.Later(lag);
        var running = ofShards.SelectMany(shard => shard.Running).GroupBy(user => user.UserId, user => user.Orders, StringComparer.Ordinal);
        return new Load(running.ToDictionary(user => user.Key, user => user.Sum()), lag);
    }

    private async Task<(List<(string UserId, int Orders)> Running, TimeSpan Lag, bool IsCurrent)> MeasureAsync(Shard shard)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var caughtUp = shard.Views.CatchUpAsync(patience.Token);
        await caughtUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var store = shard.Store;
        var running = await store.Database.ReadAsync(OrderViewTable.RunningOfUsersAsync, CancellationToken.None);
        var published = await OutboxRelay.ReadProgressAsync(store, CancellationToken.None);
        // what came from another shard was published there
        var waiting = (await store.ReadAfterAsync(published, 1, CancellationToken.None)).SingleOrDefault(stored => !stored.Arrived);
        return (running, waiting is null ? TimeSpan.Zero : time.GetUtcNow() - waiting.Event.Timestamp, caughtUp.IsCompletedSuccessfully);
    }
}
