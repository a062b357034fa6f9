namespace Quayside.Saga.Participants;

/// <summary>How an attempted effect ended: with the effect, with a refusal, or with neither: it is to be tried again. A business refusal is a result; a technical failure
/// is an exception and leaves the outcome unknown.</summary>
public sealed record Outcome<TEffect>(TEffect? Effect, string? Refusal)
    where TEffect : class;

public static class Outcome
{
    public static Outcome<TEffect> Done<TEffect>(TEffect effect)
        where TEffect : class => new(effect, null);

    public static Outcome<TEffect> Refused<TEffect>(string reason)
        where TEffect : class => new(null, reason);

    public static Outcome<TEffect> Undecided<TEffect>()
        where TEffect : class => new(null, null);
}
