using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalDapr.Protocol.Grpc;

public sealed record GrpcServicesOptions
{
    /// <summary>In bytes, null for no limit. A longer message ends the call in <see cref="StatusCode.ResourceExhausted"/>.</summary>
    public int? MaxReceiveMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <inheritdoc cref="MaxReceiveMessageSize"/>
    public int? MaxSendMessageSize { get; init; }

    /// <summary>Told of exceptions that are no <see cref="RpcException"/>.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
