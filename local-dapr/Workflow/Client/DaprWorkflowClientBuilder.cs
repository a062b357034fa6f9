using System.Text.Json;
using Dapr.Common.Serialization;
using LocalDapr.Protocol.Grpc;
using Microsoft.Extensions.Configuration;

namespace Dapr.Workflow;

/// <summary>Configures the workflow client. Its serializer (JSON for the web by default) is not that of the worker: set both.</summary>
public sealed class DaprWorkflowClientBuilder
{
    private readonly IConfiguration? configuration;
    private string? grpcEndpoint;
    private string? apiToken;
    private IDaprSerializer serializer = new JsonDaprSerializer(new(JsonSerializerDefaults.Web));

    internal DaprWorkflowClientBuilder(IConfiguration? configuration) => this.configuration = configuration;

    public DaprWorkflowClientBuilder UseGrpcEndpoint(string grpcEndpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(grpcEndpoint);
        this.grpcEndpoint = grpcEndpoint;
        return this;
    }

    public DaprWorkflowClientBuilder UseDaprApiToken(string apiToken)
    {
        this.apiToken = apiToken;
        return this;
    }

    public DaprWorkflowClientBuilder UseSerializer(IDaprSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        this.serializer = serializer;
        return this;
    }

    public DaprWorkflowClientBuilder UseJsonSerializer(JsonSerializerOptions jsonOptions) => UseSerializer(new JsonDaprSerializer(jsonOptions));

    internal DaprWorkflowClient Build(GrpcChannel shared) => grpcEndpoint is null && apiToken is null
        ? new(shared, serializer, ownsChannel: false)
        : new(Worker.WorkflowChannel.Create(configuration, null, null, grpcEndpoint, apiToken), serializer, ownsChannel: true);
}
