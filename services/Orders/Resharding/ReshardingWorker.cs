using Quayside.EventSourcing;
using Quayside.Orders.Storage;
using Quayside.Sharding.Resharding;

namespace Quayside.Orders.Resharding;

/// <summary>Raised when shards were asked for in this process.</summary>
internal sealed class ReshardingSignal
{
    private readonly Signal _asked = new();

    public Task Next => _asked.Next;

    public void Raise() => _asked.Raise();
}

/// <summary>Opens the shards that were added, here or by another replica, and moves buckets to them if no other replica does.</summary>
internal sealed partial class ReshardingWorker(
    Shards shards, ReshardingSignal signal, TimeProvider time, ILoggerFactory loggers, ILogger<ReshardingWorker> logger) : BackgroundService
{
    /// <summary>One row a look; so long other replicas do not know what was asked for here.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var mover = new BucketMover(shards.Directory, shards.Router, new MoverOptions(), time, loggers.CreateLogger<BucketMover>());
        while (!stoppingToken.IsCancellationRequested)
        {
            var asked = signal.Next;
            try
            {
                await shards.Router.RefreshAsync(stoppingToken);
                await mover.RunAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, failure);
            }
            await asked.WaitAsync(Look, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Resharding stops for a second and goes on where it was")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
