namespace Quayside.Saga.Participants;

/// <summary>The one record a participant keeps per order. Every method is a legal move or throws <see cref="InvalidOperationException"/>.</summary>
/// <param name="Stage">Where the order stands.</param>
/// <param name="At">UTC time of the last move.</param>
/// <param name="Effect">What was done, or what will be undone; kept in Undone as proof that there was something to undo.</param>
/// <param name="Reason">Why it is Undone.</param>
/// <param name="Attempt">Counts from 1 how often the effect was begun; effects of an earlier attempt are void.</param>
public sealed record ParticipantRecord<TEffect>(Stage Stage, DateTimeOffset At, TEffect? Effect = null, string? Reason = null, int Attempt = 0)
    where TEffect : class
{
    public ParticipantRecord<TEffect> Intend(DateTimeOffset now, TEffect effect) => Stage is Stage.None or Stage.Intent
        ? this with { Stage = Stage.Intent, At = now, Effect = Effect ?? effect, Attempt = Attempt + 1 }
        : throw Illegal(Stage.Intent);

    public ParticipantRecord<TEffect> Complete(DateTimeOffset now, TEffect effect) => Stage is Stage.Intent
        ? this with { Stage = Stage.Done, At = now, Effect = effect }
        : throw Illegal(Stage.Done);

    /// <summary>Ends a refused do and every undo. Pass the effect that was undone; without one, nothing had happened.</summary>
    public ParticipantRecord<TEffect> Undo(DateTimeOffset now, string reason, TEffect? undone = null) => Stage is Stage.None or Stage.Intent or Stage.Done
        ? this with { Stage = Stage.Undone, At = now, Reason = reason, Effect = undone }
        : throw Illegal(Stage.Undone);

    /// <summary>Undone stays as it is, but for the proof that there was something to undo, if a do that was refused meanwhile wrote the end without it.</summary>
    public ParticipantRecord<TEffect> Prove(TEffect undone) => Stage is Stage.Undone && Effect is null
        ? this with { Effect = undone }
        : throw Illegal(Stage.Undone);

    public ParticipantRecord<TEffect> Commit(DateTimeOffset now) => Stage is Stage.Done
        ? this with { Stage = Stage.Committed, At = now }
        : throw Illegal(Stage.Committed);

    private InvalidOperationException Illegal(Stage to) => new($"A record does not move from {Stage} to {to}.");
}

public static class ParticipantRecord
{
    /// <summary>What every order has before its first command.</summary>
    public static ParticipantRecord<TEffect> None<TEffect>()
        where TEffect : class => new(Stage.None, DateTimeOffset.MinValue);
}
