using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.PubSub;

/// <summary>The event callbacks of an app that speaks gRPC.</summary>
internal sealed class GrpcApp(SidecarContext context)
{
    /// <exception cref="CodedException">The app answered with a failure status other than UNIMPLEMENTED, or was not reached.</exception>
    /// <exception cref="RpcException">UNIMPLEMENTED.</exception>
    public async Task<TRes> CallAsync<TReq, TRes>(Method<TReq, TRes> method, TReq request, Metadata headers, CancellationToken cancellation)
        where TReq : Google.Protobuf.IMessage<TReq>
        where TRes : Google.Protobuf.IMessage<TRes>
    {
        using var place = await context.App.EnterAsync(cancellation);
        try
        {
            return await context.App.Grpc.UnaryAsync(method, request, new CallOptions { Headers = headers, CancellationToken = cancellation });
        }
        catch (RpcException failure) when (failure.Status != StatusCode.Unimplemented)
        {
            throw new CodedException((int)failure.Status, $"the app answered {failure.Status} to {method.Name}: {failure.Detail}", failure);
        }
    }

    public static Metadata Headers(IReadOnlyDictionary<string, string> metadata, string pubsub, string? traceParent)
    {
        Metadata headers = [("pubsubname", pubsub)];
        foreach (var (name, value) in metadata)
        {
            if (IsHeader(name) && value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
                headers.Add(name, value);
        }
        if (traceParent is not null)
        {
            headers.Add("traceparent", traceParent);
            if (EventTrace.Binary(traceParent) is { } bytes)
                headers.Add("grpc-trace-bin", bytes);
        }
        return headers;
    }

    private static bool IsHeader(string name)
    {
        if (name.Length == 0 || name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase) || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
            || name.ToLowerInvariant() is "pubsubname" or "traceparent" or "content-type" or "te" or "host" or "connection" or "transfer-encoding" or "content-length" or "user-agent" or "dapr-api-token")
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }
        return true;
    }
}
