using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf.WellKnownTypes;

namespace LocalDapr.Protocol.Grpc;

/// <summary>What a sidecar calls on an app that speaks gRPC: <c>AppCallback</c>, <c>AppCallbackHealthCheck</c>, <c>AppCallbackAlpha</c> (Dapr 1.18).</summary>
public static class AppCallbackMethods
{
    public const string Service = "dapr.proto.runtime.v1.AppCallback";
    public const string HealthCheckService = "dapr.proto.runtime.v1.AppCallbackHealthCheck";
    public const string AlphaService = "dapr.proto.runtime.v1.AppCallbackAlpha";

    public static Method<InvokeRequest, InvokeResponse> OnInvoke { get; } = new(Service, "OnInvoke", InvokeRequest.Parser, InvokeResponse.Parser);
    public static Method<Empty, ListTopicSubscriptionsResponse> ListTopicSubscriptions { get; } = new(Service, "ListTopicSubscriptions", Empty.Parser, ListTopicSubscriptionsResponse.Parser);
    public static Method<TopicEventRequest, TopicEventResponse> OnTopicEvent { get; } = new(Service, "OnTopicEvent", TopicEventRequest.Parser, TopicEventResponse.Parser);
    public static Method<Empty, ListInputBindingsResponse> ListInputBindings { get; } = new(Service, "ListInputBindings", Empty.Parser, ListInputBindingsResponse.Parser);
    public static Method<BindingEventRequest, BindingEventResponse> OnBindingEvent { get; } = new(Service, "OnBindingEvent", BindingEventRequest.Parser, BindingEventResponse.Parser);
    public static Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEvent { get; } = new(Service, "OnBulkTopicEvent", TopicEventBulkRequest.Parser, TopicEventBulkResponse.Parser);
    public static Method<JobEventRequest, JobEventResponse> OnJobEvent { get; } = new(Service, "OnJobEvent", JobEventRequest.Parser, JobEventResponse.Parser);

    public static Method<Empty, HealthCheckResponse> HealthCheck { get; } = new(HealthCheckService, "HealthCheck", Empty.Parser, HealthCheckResponse.Parser);

    public static Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEventAlpha1 { get; } = new(AlphaService, "OnBulkTopicEventAlpha1", TopicEventBulkRequest.Parser, TopicEventBulkResponse.Parser);
    public static Method<JobEventRequest, JobEventResponse> OnJobEventAlpha1 { get; } = new(AlphaService, "OnJobEventAlpha1", JobEventRequest.Parser, JobEventResponse.Parser);
}
