using System.Net;
using System.Text.Json.Nodes;
using Dapr.Proto.Common.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Invocation;

/// <summary>An HTTP request to an app that speaks gRPC: AppCallback.OnInvoke. Its status comes back as an HTTP status with <c>{code, message}</c>.</summary>
internal static class GrpcAppCall
{
    public static async Task<HttpResponseMessage> SendAsync(SidecarContext callee, SidecarContext? caller, HttpExchange exchange, CancellationToken cancellation)
    {
        var incoming = exchange.Http.Request;
        var request = new InvokeRequest
        {
            Method = exchange.Path[1..],
            Data = new Any { Value = UnsafeByteOperations.UnsafeWrap(await exchange.ReadBodyAsync()) },
            ContentType = incoming.ContentType ?? "",
            HttpExtension = new HTTPExtension
            {
                Verb = System.Enum.TryParse<HTTPExtension.Types.Verb>(incoming.Method, ignoreCase: true, out var verb) ? verb : HTTPExtension.Types.Verb.None,
                Querystring = incoming.QueryString.Value is { Length: > 1 } query ? query[1..] : "",
            },
        };
        try
        {
            var response = await callee.App.Grpc.UnaryAsync(
                AppCallbackMethods.OnInvoke,
                request,
                new CallOptions { Headers = Headers(exchange, caller?.Options, callee.Options.AppId), CancellationToken = cancellation });
            var content = new ReadOnlyMemoryContent(response.Data?.Value.Memory ?? default);
            if (response.ContentType.Length > 0)
                content.Headers.TryAddWithoutValidation("Content-Type", response.ContentType);
            return new FinalAnswer(HttpStatusCode.OK) { Content = content };
        }
        catch (RpcException failure) when (failure.InnerException is not HttpRequestException)
        {
            var body = new JsonObject { ["code"] = (int)failure.Status, ["message"] = failure.Detail };
            return new FinalAnswer((HttpStatusCode)GrpcCodes.ToHttp(failure.Status)) { Content = new StringContent(body.ToJsonString(), null, "application/json") };
        }
    }

    /// <summary>InvokeService to an app that speaks gRPC: request and answer pass as they are.</summary>
    public static async Task<ServiceAnswer> InvokeAsync(SidecarContext callee, SidecarContext? caller, ServiceCall call, CancellationToken cancellation)
    {
        using var carrier = new HttpRequestMessage();
        foreach (var (name, value) in call.Passed(withIds: caller is null))
            carrier.Headers.TryAddWithoutValidation(name, value);
        call.Trace.Write(carrier.Headers);
        if (caller is not null)
            CallerHeaders.Write(carrier.Headers, caller.Options, callee.Options.AppId);
        var headers = new Metadata();
        var request = call.Message.Clone();
        request.Data ??= new Any();
        try
        {
            var response = await callee.App.Grpc.UnaryAsync(
                AppCallbackMethods.OnInvoke, request, new CallOptions { Headers = ToMetadata(carrier), ResponseHeaders = headers, CancellationToken = cancellation });
            return new ServiceAnswer(response, headers, 0);
        }
        catch (RpcException failure) when (failure.InnerException is not HttpRequestException)
        {
            throw new ServiceFailedException(failure, headers);
        }
    }

    private static Metadata Headers(HttpExchange exchange, SidecarOptions? caller, string callee)
    {
        using var carrier = new HttpRequestMessage();
        var incoming = exchange.Http.Request.Headers;
        var listed = HopHeaders.Listed(incoming.Connection.ToString());
        foreach (var (name, values) in incoming)
        {
            if (HopHeaders.IsForRequest(name, listed, withIds: caller is null))
                carrier.Headers.TryAddWithoutValidation(name is "User-Agent" ? "dapr-user-agent" : name, (IEnumerable<string?>)values);
        }
        exchange.Trace.Write(carrier.Headers);
        if (caller is not null)
            CallerHeaders.Write(carrier.Headers, caller, callee);
        return ToMetadata(carrier);
    }

    public static Metadata ToMetadata(HttpRequestMessage carrier)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in carrier.Headers.NonValidated)
        {
            foreach (var value in values)
            {
                if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
                    metadata.Add(name.ToLowerInvariant(), value);
            }
        }
        return metadata;
    }
}

/// <summary>An answer that no policy retries or counts, whatever its status.</summary>
internal sealed class FinalAnswer(HttpStatusCode status) : HttpResponseMessage(status);
