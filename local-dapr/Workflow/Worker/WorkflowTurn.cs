using System.Diagnostics;
using Dapr.Common.Serialization;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Answers one work item of the engine: runs the code through the history and tells what it wants next.</summary>
internal sealed partial class WorkflowTurn(
    IWorkflowsFactory registered, IDaprSerializer serializer, ILoggerFactory loggers, NonDeterminism nonDeterminism = NonDeterminism.Warn)
{
    private readonly ILogger logger = loggers.CreateLogger<WorkflowTurn>();

    public async Task<WorkflowResponse> RunAsync(WorkflowRequest request, IReadOnlyList<HistoryEvent> past, IServiceProvider services)
    {
        var timeline = new Timeline(request.InstanceId, past, request.NewEvents);
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
        if (!registered.TryCreateWorkflow(name, services, out var workflow, out var activation) && activation is null)
            return nonDeterminism == NonDeterminism.Stall && timeline.Replayed > 0
                ? Stalled(response, name, new($"workflow '{name}'", "nothing: it is not registered"))
                : Failed(response, timeline.NextId, new() { ErrorType = "WorkflowNotFound", ErrorMessage = $"Workflow '{name}' is not registered.", IsNonRetriable = true });

        using var span = Trace(started);
        var executionId = string.IsNullOrWhiteSpace(request.ExecutionId) ? started?.WorkflowInstance?.ExecutionId : request.ExecutionId;
        var router = timeline.Started?.Router;
        var context = new OrchestrationContext(name, request.InstanceId, executionId,
            router is { HasTargetAppID: true, TargetAppID.Length: > 0 } ? router.TargetAppID : router?.SourceAppID, timeline, serializer, loggers);
        Task<object?> run;
        try
        {
            run = workflow is null ? Task.FromException<object?>(activation!) : workflow.RunAsync(context, serializer.Deserialize(started?.Input, workflow.InputType));
        }
        catch (Exception e)
        {
            run = Task.FromException<object?>(e);
        }
        // The engine has no suspension of its own: it goes on to send what happens, and the worker holds back what is new.
        var end = timeline.Suspended ? timeline.Replayed : timeline.Count;
        for (var i = 0; i <= end; i++)
        {
            if (timeline.IsAnswered(i))
                context.EndTurn(run);
            if (i < end)
                context.Feed(timeline[i], i < timeline.Replayed);
            if (nonDeterminism == NonDeterminism.Stall && !timeline.Suspended && context.Divergence is { } found)
                return Stalled(response, name, found);
        }
        if (context.Divergence is { } divergence)
            Log.CodeChanged(logger, name, request.InstanceId, divergence.Recorded, divergence.Done);

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

    private WorkflowResponse Stalled(WorkflowResponse response, string name, Divergence divergence)
    {
        Log.Stalled(logger, name, response.InstanceId, divergence.Recorded, divergence.Done);
        response.Actions.Add(new WorkflowAction { WorkflowVersionNotAvailable = new() });
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

        [LoggerMessage(LogLevel.Warning, "Workflow {Name} {InstanceId} is not what it was: its history holds {Recorded} where its code does {Done}. The code changed or is not deterministic.")]
        public static partial void CodeChanged(ILogger logger, string name, string instanceId, string recorded, string done);

        [LoggerMessage(LogLevel.Error, "Workflow {Name} {InstanceId} stalls: its history holds {Recorded} where its code does {Done}. It goes on once a worker with fitting code connects.")]
        public static partial void Stalled(ILogger logger, string name, string instanceId, string recorded, string done);
    }
}
