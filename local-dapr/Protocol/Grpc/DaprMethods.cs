using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace LocalDapr.Protocol.Grpc;

/// <summary>The calls of <c>dapr.proto.runtime.v1.Dapr</c>, the sidecar's API (Dapr 1.18).</summary>
public static class DaprMethods
{
    public const string Service = "dapr.proto.runtime.v1.Dapr";

    public static Method<InvokeServiceRequest, InvokeResponse> InvokeService { get; } = Of("InvokeService", InvokeServiceRequest.Parser, InvokeResponse.Parser);

    public static Method<GetStateRequest, GetStateResponse> GetState { get; } = Of("GetState", GetStateRequest.Parser, GetStateResponse.Parser);
    public static Method<GetBulkStateRequest, GetBulkStateResponse> GetBulkState { get; } = Of("GetBulkState", GetBulkStateRequest.Parser, GetBulkStateResponse.Parser);
    public static Method<SaveStateRequest, Empty> SaveState { get; } = Of("SaveState", SaveStateRequest.Parser, Empty.Parser);
    public static Method<QueryStateRequest, QueryStateResponse> QueryStateAlpha1 { get; } = Of("QueryStateAlpha1", QueryStateRequest.Parser, QueryStateResponse.Parser);
    public static Method<DeleteStateRequest, Empty> DeleteState { get; } = Of("DeleteState", DeleteStateRequest.Parser, Empty.Parser);
    public static Method<DeleteBulkStateRequest, Empty> DeleteBulkState { get; } = Of("DeleteBulkState", DeleteBulkStateRequest.Parser, Empty.Parser);
    public static Method<ExecuteStateTransactionRequest, Empty> ExecuteStateTransaction { get; } = Of("ExecuteStateTransaction", ExecuteStateTransactionRequest.Parser, Empty.Parser);

    public static Method<PublishEventRequest, Empty> PublishEvent { get; } = Of("PublishEvent", PublishEventRequest.Parser, Empty.Parser);
    public static Method<BulkPublishRequest, BulkPublishResponse> BulkPublishEventAlpha1 { get; } = Of("BulkPublishEventAlpha1", BulkPublishRequest.Parser, BulkPublishResponse.Parser);
    public static Method<BulkPublishRequest, BulkPublishResponse> BulkPublishEvent { get; } = Of("BulkPublishEvent", BulkPublishRequest.Parser, BulkPublishResponse.Parser);
    public static Method<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> SubscribeTopicEventsAlpha1 { get; } = Of("SubscribeTopicEventsAlpha1", SubscribeTopicEventsRequestAlpha1.Parser, SubscribeTopicEventsResponseAlpha1.Parser);

    public static Method<InvokeBindingRequest, InvokeBindingResponse> InvokeBinding { get; } = Of("InvokeBinding", InvokeBindingRequest.Parser, InvokeBindingResponse.Parser);

    public static Method<GetSecretRequest, GetSecretResponse> GetSecret { get; } = Of("GetSecret", GetSecretRequest.Parser, GetSecretResponse.Parser);
    public static Method<GetBulkSecretRequest, GetBulkSecretResponse> GetBulkSecret { get; } = Of("GetBulkSecret", GetBulkSecretRequest.Parser, GetBulkSecretResponse.Parser);

    public static Method<GetConfigurationRequest, GetConfigurationResponse> GetConfigurationAlpha1 { get; } = Of("GetConfigurationAlpha1", GetConfigurationRequest.Parser, GetConfigurationResponse.Parser);
    public static Method<GetConfigurationRequest, GetConfigurationResponse> GetConfiguration { get; } = Of("GetConfiguration", GetConfigurationRequest.Parser, GetConfigurationResponse.Parser);
    public static Method<SubscribeConfigurationRequest, SubscribeConfigurationResponse> SubscribeConfigurationAlpha1 { get; } = Of("SubscribeConfigurationAlpha1", SubscribeConfigurationRequest.Parser, SubscribeConfigurationResponse.Parser);
    public static Method<SubscribeConfigurationRequest, SubscribeConfigurationResponse> SubscribeConfiguration { get; } = Of("SubscribeConfiguration", SubscribeConfigurationRequest.Parser, SubscribeConfigurationResponse.Parser);
    public static Method<UnsubscribeConfigurationRequest, UnsubscribeConfigurationResponse> UnsubscribeConfigurationAlpha1 { get; } = Of("UnsubscribeConfigurationAlpha1", UnsubscribeConfigurationRequest.Parser, UnsubscribeConfigurationResponse.Parser);
    public static Method<UnsubscribeConfigurationRequest, UnsubscribeConfigurationResponse> UnsubscribeConfiguration { get; } = Of("UnsubscribeConfiguration", UnsubscribeConfigurationRequest.Parser, UnsubscribeConfigurationResponse.Parser);

    public static Method<TryLockRequest, TryLockResponse> TryLockAlpha1 { get; } = Of("TryLockAlpha1", TryLockRequest.Parser, TryLockResponse.Parser);
    public static Method<UnlockRequest, UnlockResponse> UnlockAlpha1 { get; } = Of("UnlockAlpha1", UnlockRequest.Parser, UnlockResponse.Parser);

    public static Method<GetMetadataRequest, GetMetadataResponse> GetMetadata { get; } = Of("GetMetadata", GetMetadataRequest.Parser, GetMetadataResponse.Parser);
    public static Method<SetMetadataRequest, Empty> SetMetadata { get; } = Of("SetMetadata", SetMetadataRequest.Parser, Empty.Parser);
    public static Method<ShutdownRequest, Empty> Shutdown { get; } = Of("Shutdown", ShutdownRequest.Parser, Empty.Parser);

    public static Method<StartWorkflowRequest, StartWorkflowResponse> StartWorkflowAlpha1 { get; } = Of("StartWorkflowAlpha1", StartWorkflowRequest.Parser, StartWorkflowResponse.Parser);
    public static Method<GetWorkflowRequest, GetWorkflowResponse> GetWorkflowAlpha1 { get; } = Of("GetWorkflowAlpha1", GetWorkflowRequest.Parser, GetWorkflowResponse.Parser);
    public static Method<PurgeWorkflowRequest, Empty> PurgeWorkflowAlpha1 { get; } = Of("PurgeWorkflowAlpha1", PurgeWorkflowRequest.Parser, Empty.Parser);
    public static Method<TerminateWorkflowRequest, Empty> TerminateWorkflowAlpha1 { get; } = Of("TerminateWorkflowAlpha1", TerminateWorkflowRequest.Parser, Empty.Parser);
    public static Method<PauseWorkflowRequest, Empty> PauseWorkflowAlpha1 { get; } = Of("PauseWorkflowAlpha1", PauseWorkflowRequest.Parser, Empty.Parser);
    public static Method<ResumeWorkflowRequest, Empty> ResumeWorkflowAlpha1 { get; } = Of("ResumeWorkflowAlpha1", ResumeWorkflowRequest.Parser, Empty.Parser);
    public static Method<RaiseEventWorkflowRequest, Empty> RaiseEventWorkflowAlpha1 { get; } = Of("RaiseEventWorkflowAlpha1", RaiseEventWorkflowRequest.Parser, Empty.Parser);
    public static Method<StartWorkflowRequest, StartWorkflowResponse> StartWorkflowBeta1 { get; } = Of("StartWorkflowBeta1", StartWorkflowRequest.Parser, StartWorkflowResponse.Parser);
    public static Method<GetWorkflowRequest, GetWorkflowResponse> GetWorkflowBeta1 { get; } = Of("GetWorkflowBeta1", GetWorkflowRequest.Parser, GetWorkflowResponse.Parser);
    public static Method<PurgeWorkflowRequest, Empty> PurgeWorkflowBeta1 { get; } = Of("PurgeWorkflowBeta1", PurgeWorkflowRequest.Parser, Empty.Parser);
    public static Method<TerminateWorkflowRequest, Empty> TerminateWorkflowBeta1 { get; } = Of("TerminateWorkflowBeta1", TerminateWorkflowRequest.Parser, Empty.Parser);
    public static Method<PauseWorkflowRequest, Empty> PauseWorkflowBeta1 { get; } = Of("PauseWorkflowBeta1", PauseWorkflowRequest.Parser, Empty.Parser);
    public static Method<ResumeWorkflowRequest, Empty> ResumeWorkflowBeta1 { get; } = Of("ResumeWorkflowBeta1", ResumeWorkflowRequest.Parser, Empty.Parser);
    public static Method<RaiseEventWorkflowRequest, Empty> RaiseEventWorkflowBeta1 { get; } = Of("RaiseEventWorkflowBeta1", RaiseEventWorkflowRequest.Parser, Empty.Parser);

    public static Method<ScheduleJobRequest, ScheduleJobResponse> ScheduleJobAlpha1 { get; } = Of("ScheduleJobAlpha1", ScheduleJobRequest.Parser, ScheduleJobResponse.Parser);
    public static Method<GetJobRequest, GetJobResponse> GetJobAlpha1 { get; } = Of("GetJobAlpha1", GetJobRequest.Parser, GetJobResponse.Parser);
    public static Method<DeleteJobRequest, DeleteJobResponse> DeleteJobAlpha1 { get; } = Of("DeleteJobAlpha1", DeleteJobRequest.Parser, DeleteJobResponse.Parser);
    public static Method<DeleteJobsByPrefixRequestAlpha1, DeleteJobsByPrefixResponseAlpha1> DeleteJobsByPrefixAlpha1 { get; } = Of("DeleteJobsByPrefixAlpha1", DeleteJobsByPrefixRequestAlpha1.Parser, DeleteJobsByPrefixResponseAlpha1.Parser);
    public static Method<ListJobsRequestAlpha1, ListJobsResponseAlpha1> ListJobsAlpha1 { get; } = Of("ListJobsAlpha1", ListJobsRequestAlpha1.Parser, ListJobsResponseAlpha1.Parser);
    public static Method<ScheduleJobRequest, ScheduleJobResponse> ScheduleJob { get; } = Of("ScheduleJob", ScheduleJobRequest.Parser, ScheduleJobResponse.Parser);
    public static Method<GetJobRequest, GetJobResponse> GetJob { get; } = Of("GetJob", GetJobRequest.Parser, GetJobResponse.Parser);
    public static Method<DeleteJobRequest, DeleteJobResponse> DeleteJob { get; } = Of("DeleteJob", DeleteJobRequest.Parser, DeleteJobResponse.Parser);
    public static Method<DeleteJobsByPrefixRequest, DeleteJobsByPrefixResponse> DeleteJobsByPrefix { get; } = Of("DeleteJobsByPrefix", DeleteJobsByPrefixRequest.Parser, DeleteJobsByPrefixResponse.Parser);
    public static Method<ListJobsRequest, ListJobsResponse> ListJobs { get; } = Of("ListJobs", ListJobsRequest.Parser, ListJobsResponse.Parser);

    private static Method<TReq, TRes> Of<TReq, TRes>(string name, MessageParser<TReq> request, MessageParser<TRes> response)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> => new(Service, name, request, response);
}
