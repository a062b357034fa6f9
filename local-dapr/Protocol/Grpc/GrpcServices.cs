using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Protocol.Grpc;

/// <summary>
/// The handlers of a gRPC server by path; <see cref="HandleAsync"/> is its request delegate on an HTTP/2 endpoint of Kestrel.
/// A handler that throws <see cref="RpcException"/> answers with its status; any other exception is logged and told as UNKNOWN.
/// </summary>
public sealed partial class GrpcServices(GrpcServicesOptions? options = null)
{
    private readonly GrpcServicesOptions options = options ?? new();
    private readonly Dictionary<string, Func<ServerCallContext, Task>> handlers = [];
    private RequestDelegate? fallback;

    public GrpcServices Unary<TReq, TRes>(Method<TReq, TRes> method, Func<TReq, ServerCallContext, Task<TRes>> handler)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes>
    {
        handlers.Add(method.FullName, async context =>
        {
            var request = await Reader(context).ReadSingleAsync(method.Request.Read, context.CancellationToken);
            context.WriteFrame(method.Response, await handler(request, context), options.MaxSendMessageSize);
        });
        return this;
    }

    public GrpcServices ServerStream<TReq, TRes>(Method<TReq, TRes> method, Func<TReq, IServerStreamWriter<TRes>, ServerCallContext, Task> handler)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes>
    {
        handlers.Add(method.FullName, async context =>
        {
            var request = await Reader(context).ReadSingleAsync(method.Request.Read, context.CancellationToken);
            using var writer = new ServerStreamWriter<TRes>(context, method.Response, options.MaxSendMessageSize);
            await handler(request, writer, context);
        });
        return this;
    }

    public GrpcServices Duplex<TReq, TRes>(Method<TReq, TRes> method, Func<IAsyncEnumerable<TReq>, IServerStreamWriter<TRes>, ServerCallContext, Task> handler)
        where TReq : IMessage<TReq> where TRes : IMessage<TRes> =>
        Duplex(method.FullName, method.Request, method.Response, handler);

    /// <summary>By path, for any shape of call; with <see cref="Marshaller.Bytes"/> the messages stay as they are.</summary>
    public GrpcServices Duplex<TReq, TRes>(string path, Marshaller<TReq> requests, Marshaller<TRes> responses,
        Func<IAsyncEnumerable<TReq>, IServerStreamWriter<TRes>, ServerCallContext, Task> handler)
    {
        handlers.Add(path, context => RunDuplexAsync(context, requests, responses, handler));
        return this;
    }

    /// <summary>Takes the calls of methods that have no handler; by default they are UNIMPLEMENTED.</summary>
    public GrpcServices Fallback(RequestDelegate handler)
    {
        fallback = handler;
        return this;
    }

    public bool Handles(string path) => handlers.ContainsKey(path);

    public Task HandleAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }
        var path = http.Request.Path.Value ?? "";
        if (handlers.TryGetValue(path, out var handler))
            return RunAsync(http, handler);
        return fallback is not null ? fallback(http) : FailAsync(http, new(StatusCode.Unimplemented, $"Method {path} is not implemented."));
    }

    /// <summary>Serves one call of raw messages, whatever its path: for a <see cref="Fallback"/> that passes calls on.</summary>
    public Task HandleBytesAsync(HttpContext http, Func<IAsyncEnumerable<ReadOnlyMemory<byte>>, IServerStreamWriter<ReadOnlyMemory<byte>>, ServerCallContext, Task> handler) =>
        RunAsync(http, context => RunDuplexAsync(context, Marshaller.Bytes, Marshaller.Bytes, handler));

    /// <summary>Answers a call with an error before any handler saw it: for authentication and the like.</summary>
    public static Task FailAsync(HttpContext http, RpcException error)
    {
        using var context = new ServerCallContext(http, TimeProvider.System);
        context.Finish(error.Status, error.Detail, error.Trailers);
        return Task.CompletedTask;
    }

    private FrameReader Reader(ServerCallContext context)
    {
        var request = context.HttpContext.Request;
        return new(request.BodyReader, options.MaxReceiveMessageSize, request.Headers["grpc-encoding"]);
    }

    private async Task RunDuplexAsync<TReq, TRes>(ServerCallContext context, Marshaller<TReq> requests, Marshaller<TRes> responses,
        Func<IAsyncEnumerable<TReq>, IServerStreamWriter<TRes>, ServerCallContext, Task> handler)
    {
        using var writer = new ServerStreamWriter<TRes>(context, responses, options.MaxSendMessageSize);
        await handler(ReadAllAsync(), writer, context);

        async IAsyncEnumerable<TReq> ReadAllAsync()
        {
            var reader = Reader(context);
            while (await reader.ReadAsync(requests.Read, context.CancellationToken) is (true, { } message))
                yield return message;
        }
    }

    private async Task RunAsync(HttpContext http, Func<ServerCallContext, Task> handler)
    {
        // Streams may be quiet for hours and long in sum; single messages have a limit of their own.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        using var context = new ServerCallContext(http, options.TimeProvider);
        try
        {
            await handler(context);
            context.Finish(StatusCode.OK, "", null);
        }
        catch (Exception e)
        {
            var error = Translate(e, context);
            if (!http.RequestAborted.IsCancellationRequested)
                context.Finish(error.Status, error.Detail, error.Trailers);
        }
    }

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        if (context.DeadlineExceeded)
            return new(StatusCode.DeadlineExceeded, "Deadline Exceeded");
        if (exception is RpcException rpc)
            return rpc;
        if (context.ClientHasLeft || IsBrokenOff(exception) || context.CancellationToken.IsCancellationRequested)
            return new(StatusCode.Cancelled, "The call was cancelled.");
        Log.HandlerFailed(options.Logger, context.Method, exception);
        return new(StatusCode.Unknown, $"{context.Method} failed: {exception.Message}");
    }

    /// <summary>The connection is gone, and the token that says so may be a moment behind.</summary>
    private static bool IsBrokenOff(Exception exception) =>
        exception is ConnectionAbortedException or ConnectionResetException or IOException { InnerException: ConnectionAbortedException or ConnectionResetException };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The handler of {Method} failed.")]
        public static partial void HandlerFailed(ILogger logger, string method, Exception exception);
    }
}
