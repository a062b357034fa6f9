using LocalDapr.Protocol.Grpc;
using Microsoft.Extensions.Configuration;

namespace Dapr.Workflow.Worker;

/// <summary>How long messages to and from the engine may be, in bytes; null is no limit.</summary>
internal sealed record MessageSizeLimits(int? Receive, int? Send);

/// <summary>The one channel that worker and client of an app share.</summary>
internal sealed class WorkflowChannel(MessageSizeLimits limits, IConfiguration? configuration = null) : IDisposable
{
    public GrpcChannel Channel { get; } = Create(configuration, limits.Receive, limits.Send, null, null);

    public static GrpcChannel Create(IConfiguration? configuration, int? maxReceive, int? maxSend, string? endpoint, string? token) =>
        new(new(endpoint ?? DaprDefaults.GetDefaultGrpcEndpoint(configuration)), options: new()
        {
            ApiToken = token ?? DaprDefaults.GetDefaultDaprApiToken(configuration),
            MaxReceiveMessageSize = maxReceive,
            MaxSendMessageSize = maxSend,
        });

    public void Dispose() => Channel.Dispose();
}
