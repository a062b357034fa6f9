using System.Data.Common;
using Quayside.EventSourcing.Projections;
using Quayside.Orders.Live;
using Quayside.Outbox;

namespace Quayside.Orders.Storage;

/// <summary>Runs what every shard needs, also those that are added: the relay, the projection, the reader for live streams; for the life of the service.</summary>
internal sealed partial class ShardWorkers(
    Shards shards, PublishEvent publish, OrderChanges changes, TimeProvider time, ILoggerFactory loggers, ILogger<ShardWorkers> logger) : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>The views exist before the first request is answered.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await shards.OpenAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> running = [];
        try
        {
            await foreach (var shard in shards.Opened.ReadAllAsync(stoppingToken))
                running.AddRange([shard.Store.WatchAsync(stoppingToken), Relay(shard.Store).RunAsync(stoppingToken), ProjectAsync(shard.Views, stoppingToken), changes.ReadAsync(shard.Store, stoppingToken)]);
        }
        finally
        {
            await Task.WhenAll(running);
        }
    }

    private OutboxRelay Relay(EventSourcing.EventStore store) =>
        new(store, publish, new RelayOptions(), time, loggers.CreateLogger<OutboxRelay>());

    private async Task ProjectAsync(ProjectionRunner views, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await views.RunAsync(cancellationToken);
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

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The views of a shard stop for a second")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
