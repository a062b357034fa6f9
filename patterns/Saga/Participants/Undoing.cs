namespace Quayside.Saga.Participants;

/// <summary>How an attempted undo ended.</summary>
/// <param name="Effect">What is undone, or what can no longer be; null when nothing had happened.</param>
/// <param name="IsTooLate">The effect stands, and the saga goes forward.</param>
public sealed record Undoing<TEffect>(TEffect? Effect, bool IsTooLate = false)
    where TEffect : class;
