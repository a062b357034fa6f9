namespace LocalDapr.Protocol.Grpc;

public sealed record GrpcChannelOptions
{
    /// <summary>Sent as <c>dapr-api-token</c> with every call unless blank.</summary>
    public string? ApiToken { get; init; }

    /// <summary>In bytes, null for no limit. A longer message ends the call in <see cref="StatusCode.ResourceExhausted"/>.</summary>
    public int? MaxReceiveMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <inheritdoc cref="MaxReceiveMessageSize"/>
    public int? MaxSendMessageSize { get; init; }

    public string UserAgent { get; init; } = "grpc-dotnet-localdapr/1.0";

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
