using Microsoft.Extensions.Logging;

namespace Dapr.Workflow;

/// <summary>The world as a workflow may see it (Dapr .NET SDK 1.18).</summary>
public abstract class WorkflowContext : IWorkflowContext
{
    public abstract string Name { get; }

    public abstract string InstanceId { get; }

    public abstract DateTime CurrentUtcDateTime { get; }

    public abstract bool IsReplaying { get; }

    public abstract bool IsPatched(string patchName);

    public virtual Task CallActivityAsync(string name, object? input = null, WorkflowTaskOptions? options = null) => CallActivityAsync<object?>(name, input, options);

    /// <exception cref="WorkflowTaskFailedException">The activity failed, and its retries if it had any.</exception>
    public abstract Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null);

    public virtual Task CreateTimer(TimeSpan delay, CancellationToken cancellationToken = default) => CreateTimer(CurrentUtcDateTime.Add(delay), cancellationToken);

    /// <summary>A durable timer. Cancelling ends the wait only: the timer still fires.</summary>
    /// <exception cref="ArgumentException"><paramref name="fireAt"/> is not in UTC.</exception>
    public abstract Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken);

    /// <summary>The next event of that name (case does not matter); events wait until they are asked for.</summary>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default);

    /// <exception cref="TaskCanceledException">The event did not come in time.</exception>
    public virtual async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        using CancellationTokenSource timer = new(), wait = new();
        var raised = WaitForExternalEventAsync<T>(eventName, wait.Token);
        if (await Task.WhenAny(raised, CreateTimer(timeout, timer.Token)) == raised)
            timer.Cancel();
        else
            wait.Cancel();
        return await raised;
    }

    /// <summary>Not supported by Dapr 1.18's own engine, which repeats such a turn for ever.</summary>
    public abstract void SendEvent(string instanceId, string eventName, object payload);

    public abstract void SetCustomStatus(object? customStatus);

    /// <exception cref="WorkflowTaskFailedException">The child failed, and its retries if it had any.</exception>
    public abstract Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null);

    public virtual Task CallChildWorkflowAsync(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null) =>
        CallChildWorkflowAsync<object?>(workflowName, input, options);

    /// <summary>A logger that is silent while replaying.</summary>
    public abstract ILogger CreateReplaySafeLogger(string categoryName);

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public abstract ILogger CreateReplaySafeLogger(Type type);

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public abstract ILogger CreateReplaySafeLogger<T>();

    /// <summary>Starts the instance afresh with a new input and an empty history; what this run returns is ignored.</summary>
    public abstract void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true);

    /// <summary>A new id, the same in every replay.</summary>
    public abstract Guid NewGuid();

    /// <summary>The history of the caller, if it was passed on; always null here.</summary>
    public abstract PropagatedHistory? GetPropagatedHistory();
}
