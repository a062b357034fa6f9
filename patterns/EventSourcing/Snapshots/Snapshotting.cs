using Microsoft.Extensions.Logging;

namespace Quayside.EventSourcing.Snapshots;

/// <summary>
/// Where a runner keeps snapshots, and when it makes them: after a load that had to fold <paramref name="every"/> events or more. So no append waits
/// for one, and one that was lost or is no longer read is made again.
/// </summary>
/// <param name="every">Events, at least 1.</param>
public sealed partial class Snapshotting<TState>(ISnapshotStore store, SnapshotCodec<TState> codec, int every, ILogger logger)
{
    private readonly int _every = every >= 1 ? every : throw new ArgumentOutOfRangeException(nameof(every), every, "a snapshot is made every 1 or more events");

    internal readonly record struct Found(TState State, long Version, Guid EventId);

    /// <returns>Null if there is none of use, for whatever reason.</returns>
    internal async ValueTask<Found?> FindAsync(string aggregateId, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindAsync(aggregateId, cancellationToken) is { } found && found.AggregateId == aggregateId && codec.CanDecode(found)
                ? new Found(codec.Decode(found), found.Version, found.EventId)
                : null;
        }
#pragma warning disable CA1031 // a snapshot saves time and nothing else
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.NotRead(logger, aggregateId, failure);
            return null;
        }
    }

    /// <param name="folded">Events that were folded to come here.</param>
    /// <remarks>Never throws: the command whose aggregate it is has been decided.</remarks>
    internal async ValueTask SaveIfDueAsync(string aggregateId, Found reached, int folded, CancellationToken cancellationToken)
    {
        if (folded < _every)
            return;
        try
        {
            await store.SaveAsync(codec.Encode(aggregateId, reached.Version, reached.EventId, reached.State), cancellationToken);
        }
#pragma warning disable CA1031 // the next load that is as long tries again
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.NotSaved(logger, aggregateId, reached.Version, failure);
        }
    }

    internal void Distrust(string aggregateId, long version) => Log.NotOfThisStream(logger, aggregateId, version);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The snapshot of {AggregateId} cannot be read: the stream is folded from its start")]
        public static partial void NotRead(ILogger logger, string aggregateId, Exception failure);

        [LoggerMessage(LogLevel.Warning, "The snapshot of {AggregateId} version {Version} was not saved")]
        public static partial void NotSaved(ILogger logger, string aggregateId, long version, Exception failure);

        [LoggerMessage(LogLevel.Warning, "The snapshot of {AggregateId} version {Version} is of another stream: this one is folded from its start")]
        public static partial void NotOfThisStream(ILogger logger, string aggregateId, long version);
    }
}
