namespace Quayside.Saga;

/// <summary>Where a saga stands: what a run hands to the next one, and nothing else.</summary>
/// <param name="Deadline">UTC; from here on no step before the pivot is tried.</param>
/// <param name="Step">Index of the step that acts or, with a reason, is undone. All before it are done.</param>
/// <param name="Reason">Why the saga turned back; null while it goes forward.</param>
/// <param name="Tries">Failed tries of this very action.</param>
/// <param name="Since">UTC of its first try.</param>
/// <param name="LastFailure">Of its last try.</param>
public sealed record SagaPosition(DateTime Deadline, int Step = 0, string? Reason = null, int Tries = 0, DateTime? Since = null, string? LastFailure = null)
{
    internal SagaPosition Forward() => new(Deadline, Step + 1);

    /// <summary>The step did not happen: those before it are undone.</summary>
    internal SagaPosition Back(string reason) => new(Deadline, Step - 1, reason);

    /// <summary>The step may have happened: it is undone too.</summary>
    internal SagaPosition Undo(string reason) => new(Deadline, Step, reason);
}
