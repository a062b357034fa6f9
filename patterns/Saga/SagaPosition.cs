using System.Text.Json.Serialization;

namespace Quayside.Saga;

/// <summary>Where a saga stands: what a run hands to the next one, and nothing else.</summary>
/// <param name="Deadline">UTC; from here on no step before the pivot is tried.</param>
/// <param name="Step">Index of the step that acts or, with a reason, is undone. All before it are done.</param>
/// <param name="Reason">Why the saga turned back; null while it goes forward.</param>
/// <param name="Tries">Failed tries of this very action.</param>
/// <param name="Since">UTC of its first try.</param>
/// <param name="LastFailure">Of its last try.</param>
/// <param name="Known">Index of the last step that is known to be done since before this saga; 0 for none. Wherever the saga turns back, it is undone from there.</param>
public sealed record SagaPosition(
    DateTime Deadline,
    int Step = 0,
    string? Reason = null,
    int Tries = 0,
    DateTime? Since = null,
    string? LastFailure = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Known = 0)
{
    internal SagaPosition Forward() => new(Deadline, Step + 1, Known: Known);

    /// <summary>The step did not happen: those before it are undone.</summary>
    internal SagaPosition TurnBefore(string reason) => new(Deadline, Math.Max(Step - 1, Known), reason);

    /// <summary>The step may have happened: it is undone too.</summary>
    internal SagaPosition TurnWith(string reason) => new(Deadline, Math.Max(Step, Known), reason);

    /// <summary>The step is undone: the one before it is next.</summary>
    internal SagaPosition Back() => new(Deadline, Step - 1, Reason);
}
