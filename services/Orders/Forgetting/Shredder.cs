using System.Data.Common;
using Microsoft.Extensions.Options;
using Quayside.EventSourcing.Buckets;
using Quayside.Orders.Privacy;
using Quayside.Orders.Queries;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Forgetting;

/// <summary>
/// Destroys the keys of deleted users who have no order under way. An order that was placed is a contract: it goes on to its end, for which it needs address and
/// payment token. Every replica may do this at once.
/// </summary>
internal sealed partial class Shredder(
    ForgottenUsers forgotten, UserKeys keys, Shards shards, IOptions<OrdersOptions> options, TimeProvider time, ILogger<Shredder> logger) : BackgroundService
{
    private const int AtOnce = 1_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Orders end without telling; looking costs one query of an index when nobody waits to be forgotten.
        using var timer = new PeriodicTimer(options.Value.ForgetAfter, time);
        do
        {
            try
            {
                await ShredAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is DbException or BucketMovedException)
            {
                Log.Failed(logger, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ShredAsync(CancellationToken cancellationToken)
    {
        var waiting = await forgotten.WithKeyAsync(time.GetUtcNow() - options.Value.ForgetAfter, AtOnce, cancellationToken);
        if (waiting.Count == 0)
            return;
        await Task.WhenAll(shards.Router.Shards.Select(shard => shard.Views.CatchUpAsync(cancellationToken)));
        foreach (var userId in waiting)
        {
            var underWay = await shards.ReadAllAsync(session => OrderViewTable.CountOpenAsync(session, userId), cancellationToken);
            if (underWay.Sum() > 0)
                continue;
            await forgotten.ShredAsync(userId, cancellationToken);
            keys.Forget(userId);
            Log.Shredded(logger, userId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The key of the deleted user {UserId} is destroyed")]
        public static partial void Shredded(ILogger logger, string userId);

        [LoggerMessage(LogLevel.Error, "Keys of deleted users could not be destroyed; tried again in a minute")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
