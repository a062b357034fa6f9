using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Protocol.Grpc;

/// <summary>The calls of <c>TaskHubSidecarService</c> (no package): the workflow engine's workers and clients (Dapr 1.18).</summary>
public static class TaskHubMethods
{
    public const string Service = "TaskHubSidecarService";

    public static Method<Empty, Empty> Hello { get; } = Of("Hello", Empty.Parser, Empty.Parser);
    public static Method<CreateInstanceRequest, CreateInstanceResponse> StartInstance { get; } = Of("StartInstance", CreateInstanceRequest.Parser, CreateInstanceResponse.Parser);
    public static Method<GetInstanceRequest, GetInstanceResponse> GetInstance { get; } = Of("GetInstance", GetInstanceRequest.Parser, GetInstanceResponse.Parser);
    public static Method<GetInstanceRequest, GetInstanceResponse> WaitForInstanceStart { get; } = Of("WaitForInstanceStart", GetInstanceRequest.Parser, GetInstanceResponse.Parser);
    public static Method<GetInstanceRequest, GetInstanceResponse> WaitForInstanceCompletion { get; } = Of("WaitForInstanceCompletion", GetInstanceRequest.Parser, GetInstanceResponse.Parser);
    public static Method<RaiseEventRequest, RaiseEventResponse> RaiseEvent { get; } = Of("RaiseEvent", RaiseEventRequest.Parser, RaiseEventResponse.Parser);
    public static Method<TerminateRequest, TerminateResponse> TerminateInstance { get; } = Of("TerminateInstance", TerminateRequest.Parser, TerminateResponse.Parser);
    public static Method<SuspendRequest, SuspendResponse> SuspendInstance { get; } = Of("SuspendInstance", SuspendRequest.Parser, SuspendResponse.Parser);
    public static Method<ResumeRequest, ResumeResponse> ResumeInstance { get; } = Of("ResumeInstance", ResumeRequest.Parser, ResumeResponse.Parser);
    public static Method<PurgeInstancesRequest, PurgeInstancesResponse> PurgeInstances { get; } = Of("PurgeInstances", PurgeInstancesRequest.Parser, PurgeInstancesResponse.Parser);
    public static Method<GetWorkItemsRequest, WorkItem> GetWorkItems { get; } = Of("GetWorkItems", GetWorkItemsRequest.Parser, WorkItem.Parser);
    public static Method<ActivityResponse, CompleteTaskResponse> CompleteActivityTask { get; } = Of("CompleteActivityTask", ActivityResponse.Parser, CompleteTaskResponse.Parser);
    public static Method<WorkflowResponse, CompleteTaskResponse> CompleteOrchestratorTask { get; } = Of("CompleteOrchestratorTask", WorkflowResponse.Parser, CompleteTaskResponse.Parser);
    public static Method<WorkflowResponse, CompleteTaskResponse> CompleteWorkflowTask { get; } = Of("CompleteWorkflowTask", WorkflowResponse.Parser, CompleteTaskResponse.Parser);
    public static Method<RerunWorkflowFromEventRequest, RerunWorkflowFromEventResponse> RerunWorkflowFromEvent { get; } = Of("RerunWorkflowFromEvent", RerunWorkflowFromEventRequest.Parser, RerunWorkflowFromEventResponse.Parser);
    public static Method<ListInstanceIDsRequest, ListInstanceIDsResponse> ListInstanceIDs { get; } = Of("ListInstanceIDs", ListInstanceIDsRequest.Parser, ListInstanceIDsResponse.Parser);
    public static Method<GetInstanceHistoryRequest, GetInstanceHistoryResponse> GetInstanceHistory { get; } = Of("GetInstanceHistory", GetInstanceHistoryRequest.Parser, GetInstanceHistoryResponse.Parser);

    private static Method<TReq, TRes> Of<TReq, TRes>(string name, MessageParser<TReq> request, MessageParser<TRes> response)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> => new(Service, name, request, response);
}
