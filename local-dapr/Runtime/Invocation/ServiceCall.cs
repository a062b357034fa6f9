using System.Globalization;
using Dapr.Proto.Common.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Invocation;

/// <summary>One call of the gRPC API's InvokeService: the message, its metadata and its trace.</summary>
internal sealed record ServiceCall(InvokeRequest Message, string Path, Metadata Headers, TraceContext Trace)
{
    private const string Protobuf = "application/x-protobuf";

    /// <summary>The same call as an HTTP request. No verb given means POST.</summary>
    public HttpRequestMessage CreateRequest(string address, Version version, bool withIds)
    {
        var extension = Message.HttpExtension;
        var verb = extension?.Verb is null or HTTPExtension.Types.Verb.None ? "POST" : extension.Verb.ToString().ToUpperInvariant();
        var query = extension?.Querystring is { Length: > 0 } text ? "?" + MethodPath.Escaped(text) : "";
        var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(address + Path + query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (Message.Data is { Value.Length: > 0 } data)
        {
            request.Content = new ReadOnlyMemoryContent(data.Value.Memory);
            var type = data.TypeUrl.Length > 0 ? Protobuf : Message.ContentType;
            if (type.Length > 0)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        foreach (var (name, value) in Passed(withIds))
            request.Headers.TryAddWithoutValidation(name, value);
        Trace.Write(request.Headers);
        return request;
    }

    /// <summary>The metadata that goes to an app or another sidecar.</summary>
    public IEnumerable<(string Name, string Value)> Passed(bool withIds) => Headers
        .Where(h => h.Value is not null && h.Key is not ("user-agent" or HttpPipeline.TokenHeader or InternalPipeline.TokenHeader) && HopHeaders.IsForRequest(h.Key, null, withIds))
        .Select(h => (h.Key, h.Value!));
}

/// <summary>What an app answered. <paramref name="HttpStatus"/> is 0 when it speaks gRPC.</summary>
internal sealed record ServiceAnswer(InvokeResponse Response, Metadata Headers, int HttpStatus)
{
    public const string StatusHeader = "dapr-http-status";

    public static async Task<ServiceAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var headers = new Metadata { { StatusHeader, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture) } };
        foreach (var (name, values) in response.Headers.NonValidated)
            Add(name, values);
        foreach (var (name, values) in response.Content.Headers.NonValidated)
            Add(name, values);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        return new ServiceAnswer(
            new InvokeResponse
            {
                Data = new Any { Value = UnsafeByteOperations.UnsafeWrap(body) },
                ContentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : "",
            },
            headers,
            (int)response.StatusCode);

        void Add(string name, System.Net.Http.Headers.HeaderStringValues values)
        {
            var key = name.ToLowerInvariant();
            if (!HopHeaders.IsForResponse(key, null) || key.EndsWith("-bin", StringComparison.Ordinal))
                return;
            if (key is "content-type" or "content-length" or "date" or "server" or "host" || key.StartsWith("grpc-", StringComparison.Ordinal))
                key = "dapr-" + key;
            foreach (var value in values)
                headers.Add(key, value);
        }
    }

    /// <summary>The status that a gRPC caller sees for an HTTP status outside 2xx: its message is the body.</summary>
    public RpcException Error()
    {
        var message = Response.Data.Value.ToStringUtf8();
        var info = new ErrorInfo { Reason = ((System.Net.HttpStatusCode)HttpStatus).ToString(), Domain = "dapr.io" };
        info.Metadata["http.code"] = HttpStatus.ToString(CultureInfo.InvariantCulture);
        info.Metadata["http.error_message"] = message;
        var status = new Status { Code = (int)GrpcCodes.FromHttp(HttpStatus), Message = message };
        status.Details.Add(Any.Pack(info));
        return RpcException.From(status);
    }
}

/// <summary>An attempt of InvokeService that policies take for a failure: an HTTP status outside 200-399, or a gRPC status.</summary>
internal sealed class ServiceFailedException : CodedException
{
    public ServiceFailedException(ServiceAnswer answer)
        : base(answer.HttpStatus, $"status {answer.HttpStatus}") => Answer = answer;

    public ServiceFailedException(RpcException failure, Metadata headers)
        : base((int)failure.Status, failure.Detail, failure) => (Rpc, Headers) = (failure, headers);

    public ServiceAnswer? Answer { get; }

    public RpcException? Rpc { get; }

    public Metadata? Headers { get; }
}
