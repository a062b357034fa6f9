namespace Quayside.EventSourcing;

/// <summary>Loads, decides, appends; after a conflict decides again on what the other writer added.</summary>
public sealed class DeciderRunner<TState, TCommand, TEvent, TRefusal>(
    Decider<TState, TCommand, TEvent, TRefusal> decider,
    EventCodec<TEvent> codec,
    Func<string, EventStore> storeOf,
    TimeProvider time)
    where TEvent : class
    where TRefusal : class
{
    /// <summary>Each lost round means that somebody else's events were appended, so a bound is only met by a storm on one aggregate.</summary>
    private const int MaxRounds = 64;

    public async ValueTask<Folded<TState>> LoadAsync(string aggregateId, CancellationToken cancellationToken) =>
        await FoldAsync(aggregateId, new(decider.Initial, 0), cancellationToken);

    /// <exception cref="ConcurrencyException">64 conflicts in a row.</exception>
    public async Task<Handled<TState, TRefusal>> HandleAsync(
        string aggregateId, TCommand command, EventMetadata metadata, CancellationToken cancellationToken)
    {
        var current = await LoadAsync(aggregateId, cancellationToken);
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
                case AppendResult.AlreadyDone:
                    current = await FoldAsync(aggregateId, current, cancellationToken);
                    return new(current.State, current.Version, null, AlreadyDone: true);
            }
            current = await FoldAsync(aggregateId, current, cancellationToken);
        }
        throw new ConcurrencyException($"{aggregateId} was changed {MaxRounds} times while a command was decided");
    }

    // A repeated command must hear its first answer even when the aggregate has moved on and would refuse it now.
    private async ValueTask<bool> KnowsAsync(string aggregateId, string? commandId, CancellationToken cancellationToken)
    {
        if (commandId is null)
            return false;
        var stream = await storeOf(aggregateId).ReadStreamAsync(aggregateId, cancellationToken);
        return stream.Any(stored => stored.Metadata.CommandId == commandId);
    }

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
