using System.Data.Common;
using Microsoft.Extensions.Logging;
using Quayside.EventSourcing;

namespace Quayside.Outbox;

/// <summary>
/// Publishes the events of one shard: what was committed, all of it, at least once, each aggregate's in order. The events table
/// is the outbox; progress is marked after the broker took an event, so a crash repeats and never loses.
/// </summary>
public sealed partial class OutboxRelay(
    EventStore store, PublishEvent publish, RelayOptions options, TimeProvider time, ILogger<OutboxRelay> logger)
{
    /// <summary>Tables that the store must be opened with.</summary>
    public const string Schema = RelayLease.Schema;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <returns>The last event of the shard that was published with all before it, whichever relay did it; it may be a moment behind.</returns>
    public static ValueTask<Cursor> ReadProgressAsync(EventStore store, CancellationToken cancellationToken) => store.Database.ReadAsync(
        session => session.ReadFirstAsync("SELECT tx, position FROM outbox_relay", row => new Cursor(row.GetInt64(0), row.GetInt64(1))), cancellationToken);

    /// <summary>Runs until cancelled; waits while another relay of the same shard is active.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var (lease, wait) = await RelayLease.TryTakeAsync(store, options.Lease, time, cancellationToken);
                if (lease is null)
                    await Task.Delay(wait + TimeSpan.FromMilliseconds(50), time, cancellationToken);
                else
                    await RunAsync(lease, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (LeaseLostException)
            {
                Log.LeaseLost(logger);
            }
            catch (DbException failure)
            {
                Log.Failed(logger, failure);
                await Task.Delay(AfterFailure, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(RelayLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await new RelaySession(store, lease, publish, options, time, logger).RunAsync(cancellationToken);
        }
        finally
        {
            await lease.ReleaseAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Another relay of this shard has taken over")]
        public static partial void LeaseLost(ILogger logger);

        [LoggerMessage(LogLevel.Error, "The relay stops for a second")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
