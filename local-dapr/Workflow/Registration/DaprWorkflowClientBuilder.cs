using System.Text.Json;
using Dapr.Common;
using Dapr.Common.Serialization;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;

namespace Dapr.Workflow.Registration;

/// <summary>Configures the workflow client. Its serializer (JSON for the web, without fields, by default) is not that of the worker: set both.</summary>
public sealed class DaprWorkflowClientBuilder(IConfiguration? configuration = null) : DaprGenericClientBuilder<DaprWorkflowClient>(configuration)
{
    private IDaprSerializer serializer = new JsonDaprSerializer(new(JsonSerializerDefaults.Web));

    public DaprWorkflowClientBuilder UseSerializer(IDaprSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        this.serializer = serializer;
        return this;
    }

    public DaprWorkflowClientBuilder UseJsonSerializer(JsonSerializerOptions jsonOptions) => UseSerializer(new JsonDaprSerializer(jsonOptions));

    /// <summary>A client with a channel of its own.</summary>
    public override DaprWorkflowClient Build() => new(WorkflowChannel.Create(Configuration, null, null, GrpcEndpoint, DaprApiToken), serializer, ownsChannel: true);

    internal DaprWorkflowClient Build(WorkflowChannel shared) =>
        GrpcEndpoint is null && DaprApiToken is null ? new(shared.Channel, serializer, ownsChannel: false) : Build();
}
