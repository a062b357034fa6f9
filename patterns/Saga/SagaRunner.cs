using Dapr.Workflow;

namespace Quayside.Saga;

/// <summary>
/// Runs the steps of a saga inside a workflow: act, then push the compensation; on failure run the compensations in reverse, each repeated until it
/// succeeds, and tell the original reason. Everything it decides comes from the workflow's history, so it replays.
/// </summary>
public sealed class SagaRunner<TInput>(WorkflowContext context, TInput input, SagaOptions options)
    where TInput : notnull
{
    private readonly Stack<SagaStep> completed = new();

    /// <summary>Runs all steps to the end, or undoes those that were done.</summary>
    public async Task<SagaResult> RunAsync(IReadOnlyList<SagaStep> steps)
    {
        var deadline = context.CurrentUtcDateTime + options.Deadline;
        var forwardOnly = false;
        foreach (var step in steps)
        {
            if (forwardOnly)
            {
                await ForeverAsync<StepResult>(step.Act, input, result => result.Done);
                continue;
            }
            var reason = context.CurrentUtcDateTime > deadline ? options.DeadlineReason : await TryAsync(step);
            if (reason is not null)
            {
                await UndoAsync(reason);
                return new SagaResult(false, reason);
            }
            forwardOnly = step.IsPivot;
        }
        return SagaResult.Success;
    }

    /// <summary>Null when the step is done, else why the saga must turn back.</summary>
    private async Task<string?> TryAsync(SagaStep step)
    {
        context.SetCustomStatus(new SagaStatus(step.Act));
        try
        {
            var result = await context.CallActivityAsync<StepResult>(step.Act, input, new WorkflowTaskOptions(options.ActRetries));
            if (!result.Done)
                return result.Stopped ? await ResolveUnknownAsync(step, result.Reason ?? "stopped") : result.Reason ?? "refused";
        }
        catch (WorkflowTaskFailedException failure)
        {
            return await ResolveUnknownAsync(step, failure.FailureDetails.ErrorMessage);
        }
        completed.Push(step);
        return null;
    }

    /// <summary>Nobody knows whether the step happened: it is undone, and if it can be undone no more it has happened, so the saga goes forward.</summary>
    private async Task<string?> ResolveUnknownAsync(SagaStep step, string reason)
    {
        if (step.Undo is null)
            return reason;
        var undone = await ForeverAsync<UndoResult>(step.Undo, new Undoing<TInput>(input, reason), static _ => true);
        return undone.Undone ? reason : null;
    }

    private async Task UndoAsync(string reason)
    {
        while (completed.TryPop(out var step))
        {
            if (step.Undo is not null)
                await ForeverAsync<UndoResult>(step.Undo, new Undoing<TInput>(input, reason), static result => result.Undone);
        }
    }

    private async Task<TResult> ForeverAsync<TResult>(string activity, object argument, Func<TResult, bool> isDone)
    {
        var pause = options.FirstPause;
        for (var tries = 0; ; tries++)
        {
            context.SetCustomStatus(new SagaStatus(activity, tries, tries >= options.AttentionAfter));
            try
            {
                var result = await context.CallActivityAsync<TResult>(activity, argument);
                if (isDone(result))
                    return result;
            }
            catch (WorkflowTaskFailedException)
            {
            }
            await context.CreateTimer(pause);
            pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;
        }
    }
}
