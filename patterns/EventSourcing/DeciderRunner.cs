using Quayside.EventSourcing.Buckets;
using Quayside.EventSourcing.Snapshots;

namespace Quayside.EventSourcing;

/// <summary>Loads, decides, appends; after a conflict decides again on what the other writer added.</summary>
/// <param name="snapshots">For aggregates with long streams; a snapshot changes nothing but the time a load takes.</param>
public sealed class DeciderRunner<TState, TCommand, TEvent, TRefusal>(
    Decider<TState, TCommand, TEvent, TRefusal> decider,
    EventCodec<TEvent> codec,
    Func<string, EventStore> storeOf,
    TimeProvider time,
    Snapshotting<TState>? snapshots = null)
    where TEvent : class
    where TRefusal : class
{
    /// <summary>Each lost round means that somebody else's events were appended, so a bound is only met by a storm on one aggregate.</summary>
    private const int MaxRounds = 64;

    /// <summary>The state that a load reached; <paramref name="Events"/> were folded for it, the last of which is <paramref name="LastEvent"/>.</summary>
    private readonly record struct Replayed(TState State, long Version, Guid LastEvent, int Events);

    public async ValueTask<Folded<TState>> LoadAsync(string aggregateId, CancellationToken cancellationToken)
    {
        var loaded = await ReplayAsync(aggregateId, cancellationToken);
        await SaveIfDueAsync(aggregateId, loaded, cancellationToken);
        return new(loaded.State, loaded.Version);
    }

    /// <exception cref="ConcurrencyException">64 conflicts in a row.</exception>
    /// <exception cref="BucketMovedException">The aggregate is on another shard; nothing was written.</exception>
    public async Task<Handled<TState, TRefusal>> HandleAsync(
        string aggregateId, TCommand command, EventMetadata metadata, CancellationToken cancellationToken)
    {
        var loaded = await ReplayAsync(aggregateId, cancellationToken);
        var handled = await HandleAsync(aggregateId, new Folded<TState>(loaded.State, loaded.Version), command, metadata, cancellationToken);
        await SaveIfDueAsync(aggregateId, loaded, cancellationToken);
        return handled;
    }

    private async Task<Handled<TState, TRefusal>> HandleAsync(
        string aggregateId, Folded<TState> current, TCommand command, EventMetadata metadata, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var now = time.GetUtcNow();
            var decision = decider.Decide(current.State, command, now);
            if (decision.Refusal is null && decision.Events.Count == 0)
                return new(current.State, current.Version, null, AlreadyDone: true);
            if (decision.Refusal is { } refusal && !await KnowsAsync(aggregateId, metadata.CommandId, cancellationToken))
                return new(current.State, current.Version, refusal, AlreadyDone: false);
            var append = new Append(aggregateId, current.Version, [.. decision.Events.Select(codec.Encode)], metadata, now);
            switch (await storeOf(aggregateId).AppendAsync(append, cancellationToken))
            {
                case AppendResult.Appended appended:
                    return new(decision.Events.Aggregate(current.State, decider.Evolve), appended.Version, null, AlreadyDone: false);
                case AppendResult.Moved:
                    throw new BucketMovedException(aggregateId);
                case AppendResult.AlreadyDone:
                    current = await FoldAsync(aggregateId, current, cancellationToken);
                    return new(current.State, current.Version, null, AlreadyDone: true);
            }
            current = await FoldAsync(aggregateId, current, cancellationToken);
        }
        throw new ConcurrencyException($"{aggregateId} was changed {MaxRounds} times while a command was decided");
    }

    // A repeated command must hear its first answer even when the aggregate has moved on and would refuse it now.
    private async ValueTask<bool> KnowsAsync(string aggregateId, string? commandId, CancellationToken cancellationToken) =>
        commandId is not null && await storeOf(aggregateId).HasCommandAsync(aggregateId, commandId, cancellationToken);

    private async ValueTask<Replayed> ReplayAsync(string aggregateId, CancellationToken cancellationToken)
    {
        if (snapshots is not null && await snapshots.FindAsync(aggregateId, cancellationToken) is { } found)
        {
            // Its own event is read once more: only a stream that has it goes on from there.
            var tail = await storeOf(aggregateId).ReadStreamAsync(aggregateId, cancellationToken, found.Version - 1);
            if (tail.Count > 0 && tail[0].Version == found.Version && tail[0].EventId == found.EventId)
                return Replay(new(found.State, found.Version, found.EventId, 0), tail.Skip(1));
            snapshots.Distrust(aggregateId, found.Version);
        }
        return Replay(new(decider.Initial, 0, Guid.Empty, 0), await storeOf(aggregateId).ReadStreamAsync(aggregateId, cancellationToken));
    }

    private Replayed Replay(Replayed from, IEnumerable<DomainEvent> events) => events.Aggregate(from, (before, stored) =>
        new(decider.Evolve(before.State, codec.Decode(stored)), stored.Version, stored.EventId, before.Events + 1));

    private ValueTask SaveIfDueAsync(string aggregateId, Replayed loaded, CancellationToken cancellationToken) => snapshots is null
        ? ValueTask.CompletedTask
        : snapshots.SaveIfDueAsync(aggregateId, new(loaded.State, loaded.Version, loaded.LastEvent), loaded.Events, cancellationToken);

    private async ValueTask<Folded<TState>> FoldAsync(string aggregateId, Folded<TState> from, CancellationToken cancellationToken)
    {
        var (state, version) = from;
        foreach (var stored in await storeOf(aggregateId).ReadStreamAsync(aggregateId, cancellationToken, version))
            (state, version) = (decider.Evolve(state, codec.Decode(stored)), stored.Version);
        return new(state, version);
    }
}

/// <summary>One aggregate is written by so many at once that a command found no place between them.</summary>
public sealed class ConcurrencyException(string message) : Exception(message);
