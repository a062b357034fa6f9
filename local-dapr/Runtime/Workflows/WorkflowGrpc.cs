using Dapr.Proto.Runtime.V1;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Workflows;

/// <summary>The workflow calls of service Dapr, twins of the HTTP API; alpha1 and beta1 are the same (Dapr 1.18).</summary>
internal static class WorkflowGrpc
{
    private const string StartTime = "dapr.workflow.start_time";

    public static void Map(GrpcServices grpc, WorkflowCalls calls)
    {
        foreach (var method in new[] { DaprMethods.StartWorkflowAlpha1, DaprMethods.StartWorkflowBeta1 })
        {
            grpc.Serve(method, async (request, call) => new StartWorkflowResponse
            {
                InstanceId = await calls.StartAsync(
                    request.InstanceId,
                    request.WorkflowName,
                    request.Input.ToStringUtf8(),
                    request.Options.TryGetValue(StartTime, out var time) ? time : null,
                    call.HttpContext.Request.Headers.TraceParent,
                    call.HttpContext.Request.Headers.TraceState),
            });
        }
        foreach (var method in new[] { DaprMethods.GetWorkflowAlpha1, DaprMethods.GetWorkflowBeta1 })
            grpc.Serve(method, (request, _) => Task.FromResult(Get(calls, request.InstanceId)));
        foreach (var method in new[] { DaprMethods.RaiseEventWorkflowAlpha1, DaprMethods.RaiseEventWorkflowBeta1 })
            grpc.Serve(method, (request, _) => EmptyAfter(calls.RaiseEventAsync(request.InstanceId, request.EventName, request.EventData.ToStringUtf8())));
        foreach (var method in new[] { DaprMethods.TerminateWorkflowAlpha1, DaprMethods.TerminateWorkflowBeta1 })
            grpc.Serve(method, (request, _) => EmptyAfter(calls.TerminateAsync(request.InstanceId)));
        foreach (var method in new[] { DaprMethods.PauseWorkflowAlpha1, DaprMethods.PauseWorkflowBeta1 })
            grpc.Serve(method, (request, _) => EmptyAfter(calls.PauseAsync(request.InstanceId)));
        foreach (var method in new[] { DaprMethods.ResumeWorkflowAlpha1, DaprMethods.ResumeWorkflowBeta1 })
            grpc.Serve(method, (request, _) => EmptyAfter(calls.ResumeAsync(request.InstanceId)));
        foreach (var method in new[] { DaprMethods.PurgeWorkflowAlpha1, DaprMethods.PurgeWorkflowBeta1 })
            grpc.Serve(method, (request, _) => EmptyAfter(calls.PurgeAsync(request.InstanceId)));
    }

    /// <summary>An unknown instance is an answer with nothing but the id.</summary>
    private static GetWorkflowResponse Get(WorkflowCalls calls, string id)
    {
        var response = new GetWorkflowResponse { InstanceId = id };
        if (calls.Get(id) is not { } state)
            return response;
        response.WorkflowName = state.Name;
        response.CreatedAt = state.CreatedTimestamp;
        response.LastUpdatedAt = state.LastUpdatedTimestamp;
        response.RuntimeStatus = WorkflowCalls.StatusText(state.WorkflowStatus);
        foreach (var (name, value) in WorkflowCalls.Properties(state))
            response.Properties[name] = value;
        return response;
    }

    private static async Task<Empty> EmptyAfter(Task call)
    {
        await call;
        return new();
    }
}
