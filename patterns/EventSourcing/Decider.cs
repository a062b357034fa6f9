namespace Quayside.EventSourcing;

/// <summary>An aggregate as two pure functions: what a command leads to, and what an event changes.</summary>
public sealed record Decider<TState, TCommand, TEvent, TRefusal>(
    TState Initial,
    Func<TState, TCommand, DateTimeOffset, Decision<TEvent, TRefusal>> Decide,
    Func<TState, TEvent, TState> Evolve)
    where TRefusal : class;

/// <summary>Events to append (none: there is nothing left to do), or why not.</summary>
public readonly record struct Decision<TEvent, TRefusal>(IReadOnlyList<TEvent> Events, TRefusal? Refusal)
    where TRefusal : class
{
    public static implicit operator Decision<TEvent, TRefusal>(TEvent happened) => new([happened], null);
    public static implicit operator Decision<TEvent, TRefusal>(TRefusal refusal) => new([], refusal);
    public static implicit operator Decision<TEvent, TRefusal>(TEvent[] events) => new(events, null);
}

/// <summary>An aggregate folded from its stream.</summary>
public readonly record struct Folded<TState>(TState State, long Version);

/// <summary>How a command ended, with the state after it.</summary>
/// <param name="Refusal">Why the aggregate said no; then nothing was written.</param>
/// <param name="AlreadyDone">The command id was in the stream before.</param>
public sealed record Handled<TState, TRefusal>(TState State, long Version, TRefusal? Refusal, bool AlreadyDone)
    where TRefusal : class;
