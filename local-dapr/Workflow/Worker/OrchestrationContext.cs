using Dapr.Common.Serialization;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>
/// One run of a workflow's code through its history. Every schedule takes the next id from 0; an id that history knows is awaited, one that it
/// does not know becomes an action. Everything happens on one thread: completing a task runs the code up to its next wait.
/// </summary>
internal sealed partial class OrchestrationContext : WorkflowContext
{
    private static readonly Timestamp Never = new() { Seconds = 253402300799, Nanos = 999999999 };

    private readonly Dictionary<int, WorkflowAction> actions = [];
    private readonly Dictionary<int, OpenTask> open = [];
    private readonly Dictionary<int, HistoryEvent> early = [];
    private readonly EventInbox inbox = new();
    private readonly PatchLedger patches;
    private readonly IDaprSerializer serializer;
    private readonly ILoggerFactory loggers;
    private readonly string? appId;
    private readonly Guid ids;
    private DateTime now;
    private bool replaying;
    private int guids;
    private int sequence;
    private bool keepEvents;

    public OrchestrationContext(string name, string instanceId, string? executionId, string? appId, Timeline timeline, IDaprSerializer serializer, ILoggerFactory loggers)
    {
        (Name, InstanceId, this.appId, this.serializer, this.loggers) = (name, instanceId, appId, serializer, loggers);
        (ids, patches) = (DeterministicGuid.Namespace(instanceId, executionId), new(timeline.PastPatches));
        (now, replaying) = (timeline.Begin, timeline.Replayed > 0);
    }

    public override string Name { get; }

    public override string InstanceId { get; }

    public override DateTime CurrentUtcDateTime => now;

    public override bool IsReplaying => replaying;

    public string? CustomStatus { get; private set; }

    public WorkflowAction? ContinuedAsNew { get; private set; }

    public IReadOnlyList<string> TakenPatches => patches.Taken;

    public IEnumerable<WorkflowAction> Actions
    {
        get
        {
            if (ContinuedAsNew is { } next && keepEvents && next.CompleteWorkflow.CarryoverEvents.Count == 0)
                next.CompleteWorkflow.CarryoverEvents.AddRange(inbox.Unread);
            return actions.Values.OrderBy(a => a.Id);
        }
    }

    public int TakeId() => sequence++;

    public override bool IsPatched(string patchName)
    {
        ArgumentException.ThrowIfNullOrEmpty(patchName);
        return patches.IsPatched(patchName, replaying);
    }

    public override Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        CheckPropagation(options);
        var data = serializer.Serialize(input);
        if (options?.RetryPolicy is not { } policy)
            return ScheduleActivityAsync<T>(name, data, options, out _);
        string? firstExecutionId = null;
        return RetryAsync(policy,
            () =>
            {
                var task = ScheduleActivityAsync<T>(name, data, options, out var executionId);
                firstExecutionId ??= executionId;
                return task;
            },
            () => new() { ActivityRetry = new() { TaskExecutionId = firstExecutionId } });
    }

    public override Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(workflowName);
        CheckPropagation(options);
        var data = serializer.Serialize(input);
        if (options?.RetryPolicy is not { } policy)
            return ScheduleChildAsync<TResult>(workflowName, data, options);
        var origin = options.InstanceId ?? NewGuid().ToString("D");
        return RetryAsync(policy, () => ScheduleChildAsync<TResult>(workflowName, data, options), () => new() { ChildWorkflowRetry = new() { InstanceId = origin } });
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        if (fireAt.Kind != DateTimeKind.Utc)
            throw new ArgumentException("A timer must be given in UTC.", nameof(fireAt));
        return StartTimer(new() { FireAt = Timestamp.FromDateTime(fireAt), CreateTimer = new() }, cancellationToken);
    }

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        cancellationToken.ThrowIfCancellationRequested();
        var wait = inbox.Wait(eventName);
        using var registration = cancellationToken.UnsafeRegister(_ => inbox.GiveUp(wait), null);
        return serializer.Deserialize<T>(await wait.Task)!;
    }

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        if (timeout == TimeSpan.Zero)
            throw new TaskCanceledException($"The event '{eventName}' was given no time.");
        // The timer goes out even if the event is there already: every replay must count the same ids.
        var timer = StartTimer(new()
        {
            FireAt = timeout < TimeSpan.Zero ? Never : Timestamp.FromDateTime(now.Add(timeout)),
            ExternalEvent = new() { Name = eventName },
        }, default);
        var wait = inbox.Wait(eventName);
        if (await Task.WhenAny(wait.Task, timer) != wait.Task)
            inbox.GiveUp(wait);
        return serializer.Deserialize<T>(await wait.Task)!;
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var id = TakeId();
        actions.Add(id, new() { Id = id, SendEvent = new() { Instance = new() { InstanceId = instanceId }, Name = eventName, Data = serializer.Serialize(payload) } });
    }

    public override void SetCustomStatus(object? customStatus) => CustomStatus = customStatus is null ? null : serializer.Serialize(customStatus);

    public override ILogger CreateReplaySafeLogger(string categoryName) => new ReplaySafeLogger(loggers.CreateLogger(categoryName), this);

    public override ILogger CreateReplaySafeLogger(System.Type type) => new ReplaySafeLogger(loggers.CreateLogger(type), this);

    public override ILogger CreateReplaySafeLogger<T>() => new ReplaySafeLogger(loggers.CreateLogger<T>(), this);

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        var id = TakeId();
        keepEvents = preserveUnprocessedEvents;
        ContinuedAsNew = new() { Id = id, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.ContinuedAsNew, Result = serializer.Serialize(newInput) } };
        actions.Add(id, ContinuedAsNew);
    }

    public override Guid NewGuid() => DeterministicGuid.Create(ids, $"{InstanceId}_{guids++}");

    public override PropagatedHistory? GetPropagatedHistory() => null;

    private static void CheckPropagation(WorkflowTaskOptions? options)
    {
        if (options is { PropagationScope: not HistoryPropagationScope.None })
            throw new NotSupportedException("History propagation is not supported.");
    }

    private Task<T> ScheduleActivityAsync<T>(string name, string input, WorkflowTaskOptions? options, out string executionId)
    {
        var id = TakeId();
        executionId = DeterministicGuid.Create(ids, $"{InstanceId}|activity|{id}|{name}").ToString("N");
        var action = new WorkflowAction { Id = id, ScheduleTask = new() { Name = name, Input = input, TaskExecutionId = executionId } };
        if (Router(options) is { } router)
            (action.Router, action.ScheduleTask.Router) = (router, router.Clone());
        return AwaitAsync<T>(Begin(action, executionId, "Task failed: "));
    }

    private Task<T> ScheduleChildAsync<T>(string name, string input, ChildWorkflowTaskOptions? options)
    {
        var id = TakeId();
        var action = new WorkflowAction { Id = id, CreateChildWorkflow = new() { Name = name, Input = input, InstanceId = options?.InstanceId ?? NewGuid().ToString("D") } };
        if (Router(options) is { } router)
            (action.Router, action.CreateChildWorkflow.Router) = (router, router.Clone());
        return AwaitAsync<T>(Begin(action, null, $"Child workflow '{name}' failed", withError: false));
    }

    private async Task StartTimer(CreateTimerAction timer, CancellationToken cancellationToken)
    {
        var id = TakeId();
        var task = Begin(new() { Id = id, CreateTimer = timer }, null, "");
        using var registration = cancellationToken.UnsafeRegister(_ => task.Source.TrySetCanceled(cancellationToken), null);
        await task.Source.Task;
    }

    private async Task<T> RetryAsync<T>(WorkflowRetryPolicy policy, Func<Task<T>> call, Func<CreateTimerAction> origin)
    {
        var begin = now;
        for (var attempt = 1; ; attempt++)
            try
            {
                return await call();
            }
            catch (WorkflowTaskFailedException) when (attempt < policy.MaxNumberOfAttempts && (policy.RetryTimeout == Timeout.InfiniteTimeSpan || now - begin < policy.RetryTimeout))
            {
                var timer = origin();
                timer.FireAt = Timestamp.FromDateTime(now.Add(policy.DelayAfter(attempt)));
                await StartTimer(timer, default);
            }
    }

    private TaskRouter? Router(WorkflowTaskOptions? options) =>
        string.IsNullOrEmpty(options?.TargetAppId) || string.IsNullOrEmpty(appId) ? null : new() { SourceAppID = appId, TargetAppID = options.TargetAppId };

    private async Task<T> AwaitAsync<T>(OpenTask task) => serializer.Deserialize<T>(await task.Source.Task)!;
}
