using Dapr.Workflow;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Quayside.Patterns.Tests.Saga;

/// <summary>A workflow context whose activities answer from a script and whose timers fire at once, moving the clock; tests of other projects derive from it.</summary>
public class ScriptedWorkflow(Func<string, object?, object?> activity) : WorkflowContext
{
    private DateTime now = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    public List<string> Calls { get; } = [];

    public List<TimeSpan> Pauses { get; } = [];

    public List<object?> Statuses { get; } = [];

    public object? ContinuedWith { get; private set; }

    public override string Name => "Scripted";

    public override string InstanceId => "instance";

    public override DateTime CurrentUtcDateTime => now;

    public override bool IsReplaying => false;

    public void Pass(TimeSpan time) => now += time;

    public override Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        Calls.Add(name);
        return activity(name, input) is { } answer
            ? Task.FromResult((T)answer)
            : Task.FromException<T>(new WorkflowTaskFailedException("failed", new WorkflowTaskFailureDetails("Broken", $"{name} is broken")));
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        Pauses.Add(fireAt - now);
        now = fireAt;
        return Task.CompletedTask;
    }

    public override void SetCustomStatus(object? customStatus) => Statuses.Add(customStatus);

    public override bool IsPatched(string patchName) => throw new NotSupportedException();

    public override Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override void SendEvent(string instanceId, string eventName, object payload) => throw new NotSupportedException();

    public override Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null) =>
        throw new NotSupportedException();

    public override ILogger CreateReplaySafeLogger(string categoryName) => NullLogger.Instance;

    public override ILogger CreateReplaySafeLogger(Type type) => NullLogger.Instance;

    public override ILogger CreateReplaySafeLogger<T>() => NullLogger.Instance;

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) => ContinuedWith = newInput;

    public override Guid NewGuid() => throw new NotSupportedException();

    public override PropagatedHistory? GetPropagatedHistory() => null;
}
