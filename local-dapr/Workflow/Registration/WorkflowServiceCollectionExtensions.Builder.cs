using System.Text.Json;
using Dapr.Common.Serialization;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dapr.Workflow;

public static partial class WorkflowServiceCollectionExtensions
{
    /// <summary>Further configuration of the worker.</summary>
    public readonly struct DaprWorkflowBuilder
    {
        internal DaprWorkflowBuilder(IServiceCollection services) => Services = services;

        public IServiceCollection Services { get; }

        public DaprWorkflowBuilder WithSerializer(IDaprSerializer serializer)
        {
            ArgumentNullException.ThrowIfNull(serializer);
            Services.Replace(ServiceDescriptor.Singleton(serializer));
            return this;
        }

        public DaprWorkflowBuilder WithJsonSerializer(JsonSerializerOptions jsonOptions) => WithSerializer(new JsonDaprSerializer(jsonOptions));

        /// <summary>In bytes; no limits by default.</summary>
        public DaprWorkflowBuilder WithGrpcMessageSizeLimits(int? maxReceiveMessageSize = null, int? maxSendMessageSize = null)
        {
            Services.Replace(ServiceDescriptor.Singleton(new MessageSizeLimits(maxReceiveMessageSize, maxSendMessageSize)));
            return this;
        }
    }
}
