namespace Quayside.Saga;

/// <summary>A step of a saga: the activity that acts and, until the pivot, the activity that undoes it.</summary>
/// <param name="Act">Name of an activity that takes the saga's input and returns <see cref="StepResult"/>. It must be safe to repeat. Null: there is only something to undo.</param>
/// <param name="Undo">
/// Name of an activity that takes <see cref="Undoing{TInput}"/> and returns <see cref="UndoResult"/>. It must be safe to repeat, and safe when the act
/// never happened: it then makes sure that it never will.
/// </param>
/// <param name="IsPivot">Once it is done there is no way back: every later step is repeated until it succeeds.</param>
public sealed record SagaStep(string? Act, string? Undo = null, bool IsPivot = false);

/// <summary>A step's answer: a business refusal is a result, with the reason; a technical failure is an exception.</summary>
/// <param name="Stopped">The saga must stop, and an earlier attempt of this very step may have happened: it is undone too.</param>
public sealed record StepResult(bool Done, string? Reason = null, bool Stopped = false)
{
    public static readonly StepResult Succeeded = new(true);

    public static StepResult Refused(string reason) => new(false, reason);

    public static StepResult Stop(string reason) => new(false, reason, Stopped: true);
}

/// <summary>What a compensation is told: the saga's input and why it is undone.</summary>
public sealed record Undoing<TInput>(TInput Input, string Reason);

/// <param name="Undone">False: it cannot be undone any more. Only the pivot may say so; the saga then goes forward.</param>
public sealed record UndoResult(bool Undone = true);

/// <summary>How a saga ended.</summary>
/// <param name="Completed">False: every completed step was undone.</param>
/// <param name="Reason">The original reason of a saga that was undone.</param>
/// <param name="GoOnAt">It has not ended: the workflow is to continue as new, from here.</param>
public sealed record SagaResult(bool Completed, string? Reason = null, SagaPosition? GoOnAt = null)
{
    public static readonly SagaResult Success = new(true);
}

/// <summary>The custom status of a running saga.</summary>
/// <param name="Step">The activity that runs or is waited for.</param>
/// <param name="Tries">Failed tries of it so far.</param>
/// <param name="NeedsAttention">True after <see cref="SagaOptions.AttentionAfter"/> failed tries of what is repeated for ever.</param>
/// <param name="LastFailure">Of the last of these tries.</param>
public sealed record SagaStatus(string Step, int Tries = 0, bool NeedsAttention = false, string? LastFailure = null);
