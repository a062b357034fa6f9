using System.Diagnostics;
using Dapr.Common.Serialization;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Answers one work item of the engine: runs the code through the history and tells what it wants next.</summary>
internal sealed partial class WorkflowTurn(WorkflowRuntimeOptions registered, IDaprSerializer serializer, ILoggerFactory loggers)
{
    private readonly ILogger logger = loggers.CreateLogger<WorkflowTurn>();

    public async Task<WorkflowResponse> RunAsync(WorkflowRequest request, IReadOnlyList<HistoryEvent> past, IServiceProvider services)
    {
        var timeline = new Timeline(past, request.NewEvents);
        var started = timeline.Started?.ExecutionStarted;
        var response = new WorkflowResponse { InstanceId = request.InstanceId };
        var name = started?.Name ?? timeline.Name ?? "";
        if (timeline.Terminated is { } terminated)
        {
            response.Actions.Add(new WorkflowAction { Id = timeline.NextId, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated.Input } });
            SetVersion(response, name, [.. timeline.PastPatches.Distinct()]);
            return response;
        }
        if (timeline is { Suspended: true, Replayed: 0 })
            return response;
        if (!registered.Workflows.TryGetValue(name, out var create))
            return Failed(response, timeline.NextId, new() { ErrorType = "WorkflowNotFound", ErrorMessage = $"Workflow '{name}' is not registered.", IsNonRetriable = true });

        using var span = Trace(started);
        var executionId = string.IsNullOrWhiteSpace(request.ExecutionId) ? started?.WorkflowInstance?.ExecutionId : request.ExecutionId;
        var router = timeline.Started?.Router;
        var context = new OrchestrationContext(name, request.InstanceId, executionId,
            router is { HasTargetAppID: true, TargetAppID.Length: > 0 } ? router.TargetAppID : router?.SourceAppID, timeline, serializer, loggers);
        Task<object?> run;
        try
        {
            var workflow = create(services);
            run = workflow.RunAsync(context, serializer.Deserialize(started?.Input, workflow.InputType));
        }
        catch (Exception e)
        {
            run = Task.FromException<object?>(e);
        }
        // The engine has no suspension of its own: it goes on to send what happens, and the worker holds back what is new.
        for (var i = 0; i < (timeline.Suspended ? timeline.Replayed : timeline.Count); i++)
            context.Feed(timeline[i], i < timeline.Replayed);
        if (context.Unmatched > 0)
            Log.CodeChanged(logger, name, request.InstanceId, context.Unmatched);

        // Told in suspended turns too: an answer without it would take it away.
        response.CustomStatus = context.CustomStatus;
        SetVersion(response, name, context.TakenPatches);
        if (timeline.Suspended)
            return response;
        response.Actions.AddRange(context.Actions);
        if (context.ContinuedAsNew is not null || !run.IsCompleted)
            return response;
        try
        {
            var result = await run;
            response.Actions.Add(new WorkflowAction { Id = context.TakeId(), CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = serializer.Serialize(result) } });
            return response;
        }
        catch (Exception e)
        {
            Log.WorkflowFailed(logger, name, request.InstanceId, e);
            return Failed(response, context.TakeId(), Failure.Of(e, nonRetriable: true));
        }
    }

    private static WorkflowResponse Failed(WorkflowResponse response, int id, TaskFailureDetails failure)
    {
        response.Actions.Add(new WorkflowAction { Id = id, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Failed, FailureDetails = failure } });
        return response;
    }

    private static void SetVersion(WorkflowResponse response, string name, IReadOnlyCollection<string> patches)
    {
        if (patches.Count > 0)
            response.Version = new() { Name = name, Patches = { patches } };
    }

    // Turns are no spans of their own; but what they log belongs to the trace that started the instance.
    private static Activity? Trace(ExecutionStartedEvent? started) =>
        started?.ParentTraceContext is { TraceParent.Length: > 0 } parent ? new Activity("WorkflowTurn").SetParentId(parent.TraceParent).Start() : null;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Workflow {Name} {InstanceId} failed.")]
        public static partial void WorkflowFailed(ILogger logger, string name, string instanceId, Exception exception);

        [LoggerMessage(LogLevel.Warning, "Workflow {Name} {InstanceId} no longer does {Count} things that its history holds: its code changed or is not deterministic.")]
        public static partial void CodeChanged(ILogger logger, string name, string instanceId, int count);
    }
}
