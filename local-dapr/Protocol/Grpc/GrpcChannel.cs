using System.Net;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace LocalDapr.Protocol.Grpc;

/// <summary>
/// Calls to one gRPC server over HTTP/2 (h2c for http addresses). One channel serves all calls, at the same time, for as long as the process lives.
/// Failures are <see cref="RpcException"/>; cancellation by the caller is <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class GrpcChannel : IDisposable
{
    private readonly GrpcChannelOptions options;
    private readonly HttpMessageInvoker invoker;
    private readonly bool ownsInvoker;

    /// <param name="address">Scheme, host and port of the server.</param>
    /// <param name="invoker">Carries the requests; not disposed with the channel. By default the channel has connections of its own.</param>
    public GrpcChannel(Uri address, HttpMessageInvoker? invoker = null, GrpcChannelOptions? options = null)
    {
        Address = address;
        this.options = options ?? new();
        ownsInvoker = invoker is null;
        this.invoker = invoker ?? CreateInvoker();
    }

    public Uri Address { get; }

    public Task<TRes> UnaryAsync<TReq, TRes>(Method<TReq, TRes> method, TReq request, CallOptions call = default)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> =>
        UnaryAsync(method.FullName, method.Request, method.Response, request, call);

    public IAsyncEnumerable<TRes> ServerStreamAsync<TReq, TRes>(Method<TReq, TRes> method, TReq request, CallOptions call = default)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> =>
        ServerStreamAsync(method.FullName, method.Request, method.Response, request, call);

    public DuplexCall<TReq, TRes> DuplexAsync<TReq, TRes>(Method<TReq, TRes> method, CallOptions call = default)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> =>
        DuplexAsync(method.FullName, method.Request, method.Response, call);

    /// <summary>A unary call by path; with <see cref="Marshaller.Bytes"/> the messages pass as they are.</summary>
    public async Task<TRes> UnaryAsync<TReq, TRes>(string path, Marshaller<TReq> requests, Marshaller<TRes> responses, TReq request, CallOptions call = default)
    {
        using var lifetime = new CallLifetime(call, options.TimeProvider);
        try
        {
            using var message = CreateRequest(path, new UnaryContent<TReq>(requests, request, options.MaxSendMessageSize), call, lifetime);
            using var response = await GrpcResponse.OpenAsync(await invoker.SendAsync(message, lifetime.Token), call, options.MaxReceiveMessageSize, lifetime.Token);
            return await response.ReadSingleAsync(responses, lifetime.Token);
        }
        catch (Exception e)
        {
            throw lifetime.Translate(e);
        }
    }

    /// <summary>A server-streaming call by path; it starts with the enumeration and is cancelled when that ends early.</summary>
    public async IAsyncEnumerable<TRes> ServerStreamAsync<TReq, TRes>(string path, Marshaller<TReq> requests, Marshaller<TRes> responses, TReq request,
        CallOptions call = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var both = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, cancellationToken) : null;
        using var stream = new DuplexCall<TReq, TRes>(responses, call with { CancellationToken = both?.Token ?? call.CancellationToken }, options,
            (lifetime, c) => invoker.SendAsync(CreateRequest(path, new UnaryContent<TReq>(requests, request, options.MaxSendMessageSize), c, lifetime), lifetime.Token));
        await foreach (var message in stream.ReadAllAsync(CancellationToken.None))
            yield return message;
    }

    /// <summary>A bidirectional call by path. Dispose it to end it.</summary>
    public DuplexCall<TReq, TRes> DuplexAsync<TReq, TRes>(string path, Marshaller<TReq> requests, Marshaller<TRes> responses, CallOptions call = default)
    {
        var content = new StreamingContent();
        return new(responses, call, options, (lifetime, c) => invoker.SendAsync(CreateRequest(path, content, c, lifetime), lifetime.Token), requests, content);
    }

    public void Dispose()
    {
        if (ownsInvoker)
            invoker.Dispose();
    }

    private static HttpMessageInvoker CreateInvoker() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // Trace context is metadata, set by whoever makes the call; a second span for the transport tells nothing new.
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(20),
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        KeepAlivePingDelay = TimeSpan.FromSeconds(60),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    });

    private HttpRequestMessage CreateRequest(string path, HttpContent content, CallOptions call, CallLifetime lifetime)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
        if (call.Headers?.Get("user-agent") is null)
            headers.TryAddWithoutValidation("user-agent", options.UserAgent);
        if (!string.IsNullOrWhiteSpace(options.ApiToken))
            headers.TryAddWithoutValidation("dapr-api-token", options.ApiToken);
        if (lifetime.Remaining is { } timeout)
            headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Encode(timeout));
        for (var i = 0; i < call.Headers?.Count; i++)
            if (call.Headers[i] is var entry && !MetadataWire.IsReserved(entry.Key))
                headers.TryAddWithoutValidation(entry.Key, MetadataWire.Encode(entry));
        return request;
    }
}
