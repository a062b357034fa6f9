using Dapr.Workflow;

namespace Quayside.Saga;

/// <summary>
/// Runs the steps of a saga inside a workflow: acts, and on failure undoes in reverse what was done, each compensation repeated until it succeeds, and
/// tells the original reason. Everything it decides comes from the workflow's history, so it replays.
/// </summary>
public sealed class SagaRunner<TInput>(WorkflowContext context, TInput input, SagaOptions options)
    where TInput : notnull
{
    private int failures;

    /// <summary>Runs to the end, or so far that the workflow should continue as new, at <see cref="SagaResult.GoOnAt"/>.</summary>
    /// <param name="steps">All of them.</param>
    /// <param name="from">Where the run before stood; null at the beginning.</param>
    /// <param name="known"><see cref="SagaPosition.Known"/> at the beginning.</param>
    public async Task<SagaResult> RunAsync(IReadOnlyList<SagaStep> steps, SagaPosition? from = null, int known = 0)
    {
        var at = from ?? new SagaPosition(context.CurrentUtcDateTime + options.Deadline, Known: known);
        while (at.Step >= 0 && at.Step < steps.Count)
        {
            if (failures == options.TriesInOneRun)
                return new SagaResult(false, at.Reason, at);
            var step = steps[at.Step];
            at = at with { Since = at.Since ?? context.CurrentUtcDateTime };
            at = at switch
            {
                { Reason: { } reason } => await UndoAsync(step, at, reason),
                _ when step.Act is null => at.Forward(),
                _ when steps.Take(at.Step).Any(earlier => earlier.IsPivot) => await ActForeverAsync(step.Act, at),
                _ => await ActAsync(step.Act, at),
            };
        }
        return at.Reason is null ? SagaResult.Success : new SagaResult(false, at.Reason);
    }

    /// <summary>One try of a step from which the saga can still turn back.</summary>
    private async Task<SagaPosition> ActAsync(string act, SagaPosition at)
    {
        if (context.CurrentUtcDateTime > at.Deadline)
            return at.Tries > 0 ? at.TurnWith(options.DeadlineReason) : at.TurnBefore(options.DeadlineReason);
        var (result, failure) = await CallAsync<StepResult>(act, input, at, mayTakeForever: false);
        if (result is not null)
            return result.Done ? at.Forward() : result.Stopped ? at.TurnWith(result.Reason ?? "stopped") : at.TurnBefore(result.Reason ?? "refused");
        if (context.CurrentUtcDateTime - at.Since >= options.StepPatience)
            return at.TurnWith(options.ExhaustedReason);
        return await AgainAsync(at, failure, options.LongestStepPause);
    }

    /// <summary>One try of a step after the pivot.</summary>
    private async Task<SagaPosition> ActForeverAsync(string act, SagaPosition at)
    {
        var (result, failure) = await CallAsync<StepResult>(act, input, at, mayTakeForever: true);
        return result is { Done: true } ? at.Forward() : await AgainAsync(at, result?.Reason ?? failure, options.LongestPause);
    }

    /// <summary>One try of a compensation. A pivot that cannot be undone any more has happened, so the saga goes forward.</summary>
    private async Task<SagaPosition> UndoAsync(SagaStep step, SagaPosition at, string reason)
    {
        if (step.Undo is null)
            return at.Back();
        var (result, failure) = await CallAsync<UndoResult>(step.Undo, new Undoing<TInput>(input, reason), at, mayTakeForever: true);
        if (result is { Undone: true })
            return at.Back();
        return result is not null && step.IsPivot ? at.Forward() : await AgainAsync(at, failure, options.LongestPause);
    }

    private async Task<(TResult? Result, string Failure)> CallAsync<TResult>(string activity, object argument, SagaPosition at, bool mayTakeForever)
        where TResult : class
    {
        context.SetCustomStatus(new SagaStatus(activity, at.Tries, mayTakeForever && at.Tries >= options.AttentionAfter, at.LastFailure));
        try
        {
            return (await context.CallActivityAsync<TResult>(activity, argument), "refused");
        }
        catch (WorkflowTaskFailedException failed)
        {
            return (null, failed.FailureDetails.ErrorMessage);
        }
    }

    private async Task<SagaPosition> AgainAsync(SagaPosition at, string failure, TimeSpan longestPause)
    {
        failures++;
        var pause = options.FirstPause * Math.Pow(2, Math.Min(at.Tries, 30));
        await context.CreateTimer(pause < longestPause ? pause : longestPause);
        return at with { Tries = at.Tries + 1, LastFailure = failure };
    }
}
