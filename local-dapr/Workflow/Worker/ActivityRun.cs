using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Dapr.Common.Serialization;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Runs one activity for the engine and tells how it went.</summary>
internal sealed partial class ActivityRun(IWorkflowsFactory registered, IDaprSerializer serializer, ILoggerFactory loggers)
{
    public const string SourceName = "Dapr.Workflow";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly ILogger logger = loggers.CreateLogger<ActivityRun>();

    public async Task<ActivityResponse> RunAsync(ActivityRequest request, IServiceProvider services)
    {
        var instanceId = request.WorkflowInstance?.InstanceId ?? "";
        var response = new ActivityResponse { InstanceId = instanceId, TaskId = request.TaskId };
        if (!registered.TryCreateActivity(request.Name, services, out var activity, out var activation) && activation is null)
        {
            response.FailureDetails = new() { ErrorType = "ActivityNotFoundException", ErrorMessage = $"Activity '{request.Name}' is not registered.", StackTrace = "" };
            return response;
        }
        using var span = Trace(request, instanceId);
        try
        {
            if (activity is null)
                ExceptionDispatchInfo.Throw(activation!);
            var result = await activity.RunAsync(new ActivityCallContext(request.Name, instanceId, request.TaskExecutionId), serializer.Deserialize(request.Input, activity.InputType));
            response.Result = serializer.Serialize(result);
        }
        catch (Exception e)
        {
            Log.ActivityFailed(logger, request.Name, instanceId, e);
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            response.FailureDetails = Failure.Of(e, nonRetriable: false);
        }
        return response;
    }

    private static Activity? Trace(ActivityRequest request, string instanceId)
    {
        var parent = request.ParentTraceContext?.TraceParent;
        var known = ActivityContext.TryParse(parent, request.ParentTraceContext?.TraceState, isRemote: true, out var context);
        var span = Source.StartActivity($"WorkflowActivity {request.Name}", ActivityKind.Internal, context);
        if (span is null)
            // Nobody listens; calls that the activity makes still belong to the caller's trace.
            return known ? new Activity("WorkflowActivity") { TraceStateString = context.TraceState }.SetParentId(parent!).Start() : null;
        return span.SetTag("workflow.instance.id", instanceId).SetTag("workflow.task.id", request.TaskId);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Activity {Name} of {InstanceId} failed.")]
        public static partial void ActivityFailed(ILogger logger, string name, string instanceId, Exception exception);
    }
}
