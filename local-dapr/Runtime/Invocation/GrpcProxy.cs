using System.Globalization;
using System.Net;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Invocation;

/// <summary>
/// Passes calls of an app's own gRPC services on, bytes as they are, any shape of call (contract section 7). A policy may repeat a call until its first
/// answer byte; <c>dapr-stream: true</c> marks a stream, whose policies cover only the way to that byte and which is never repeated.
/// </summary>
internal sealed class GrpcProxy(SidecarContext context, Func<string, Callee> find, HttpMessageInvoker outside)
{
    private const string StreamHeader = "dapr-stream";

    /// <summary>The app id that a call names, if any.</summary>
    public static string? Target(HttpRequest request) =>
        request.Headers["dapr-app-id"].ToString() is { Length: > 0 } id ? id
        : request.Headers[HopHeaders.Callee].ToString() is { Length: > 0 } callee ? callee
        : null;

    public async Task HandleAsync(HttpContext http, string target)
    {
        var callee = find(target);
        http.Request.Headers.Remove("dapr-app-id");
        var isStream = http.Request.Headers.ContainsKey(StreamHeader);
        var policy = callee is AppCallee { IsOwn: true } ? Policy.None : callee.PolicyFor(http.Request.Path);
        await using var relay = new GrpcRelay(http, TraceContext.Of(http), context.Options.MaxBodySize);
        try
        {
            if (isStream || policy == Policy.None)
            {
                using var answer = await SendAsync(callee, relay, target, http.RequestAborted);
                await relay.AnswerAsync(answer, http.RequestAborted);
                return;
            }
            await policy.ExecuteAsync(token => AttemptAsync(callee, relay, target, policy.Retries, token), http.RequestAborted);
        }
        catch (GrpcAnswerException last)
        {
            using (last.Answer)
                await relay.AnswerAsync(last.Answer, http.RequestAborted);
        }
        catch (Exception failure) when (!relay.HasAnswered)
        {
            throw Translate(failure, target);
        }
    }

    /// <summary>Passes a call from the internal port on to this sidecar's app.</summary>
    public static async Task ReceiveAsync(HttpContext http, SidecarContext context)
    {
        await using var relay = new GrpcRelay(http, InternalPipeline.Trace(http), context.Options.MaxBodySize);
        using var request = await relay.CreateRequestAsync(context.App.Address, null, "");
        using var answer = new GrpcAnswer(await context.App.SendPlacedAsync(request, http.RequestAborted));
        await relay.AnswerAsync(answer, http.RequestAborted);
    }

    private static RpcException Translate(Exception failure, string target) => failure switch
    {
        RpcException rpc => rpc,
        TimeoutException => new RpcException(StatusCode.DeadlineExceeded, failure.Message),
        Api.ApiException api => new RpcException(api.GrpcStatus, api.Message),
        HttpRequestException or CircuitOpenException => new RpcException(StatusCode.Unavailable, $"failed to invoke, id: {target}, err: {failure.Message}"),
        _ => new RpcException(StatusCode.Internal, $"failed to invoke, id: {target}, err: {failure.Message}"),
    };

    private async Task<bool> AttemptAsync(Callee callee, GrpcRelay relay, string target, bool retries, CancellationToken cancellation)
    {
        var answer = await SendAsync(callee, relay, target, cancellation);
        if (await answer.ReadStatusAsync(cancellation) is not 0 and not null and var status)
        {
            if (!relay.CanRepeat)
                throw new PermanentException(new GrpcAnswerException(answer, status.Value));
            if (retries && relay.IsStream)
            {
                answer.Dispose();
                throw new PermanentException(new RpcException(StatusCode.FailedPrecondition, "cannot use resiliency policies with retries on streaming RPCs"));
            }
            throw new GrpcAnswerException(answer, status.Value);
        }
        using (answer)
            await relay.AnswerAsync(answer, cancellation);
        return true;
    }

    private async Task<GrpcAnswer> SendAsync(Callee callee, GrpcRelay relay, string target, CancellationToken cancellation)
    {
        switch (callee)
        {
            case AppCallee app:
                app.Demand(relay.Path, "POST", evenUnhealthy: app.IsOwn);
                using (var request = await relay.CreateRequestAsync(app.Channel.Address, app.IsOwn ? null : context.Options, target))
                    return new GrpcAnswer(await app.Channel.SendPlacedAsync(request, cancellation));
            case RemoteCallee remote:
                return await remote.SendAsync(
                    async (address, token, stop) =>
                    {
                        using var request = await relay.CreateRequestAsync(address, context.Options, target);
                        request.Headers.TryAddWithoutValidation(InternalPipeline.TokenHeader, token);
                        return new GrpcAnswer(await outside.SendAsync(request, stop));
                    },
                    cancellation);
            default:
                throw new RpcException(StatusCode.Unimplemented, $"{target} is an HTTP endpoint: it takes no gRPC calls");
        }
    }
}

/// <summary>The answer of a proxied call; the status is known at once only when it came without a message.</summary>
internal sealed class GrpcAnswer(HttpResponseMessage response) : IDisposable
{
    public HttpResponseMessage Response { get; } = response;

    public Stream? Body { get; private set; }

    public byte[] First { get; } = new byte[4096];

    public int FirstLength { get; private set; }

    /// <summary>Reads until the first byte of a message (null) or the end, which brings the status.</summary>
    public async Task<int?> ReadStatusAsync(CancellationToken cancellation)
    {
        if (Status(Response.Headers) is { } early)
            return early;
        Body ??= await Response.Content.ReadAsStreamAsync(cancellation);
        FirstLength = await Body.ReadAsync(First, cancellation);
        return FirstLength > 0 ? null : Status(Response.TrailingHeaders) ?? (int)StatusCode.Unknown;
    }

    public void Dispose() => Response.Dispose();

    private static int? Status(System.Net.Http.Headers.HttpHeaders headers) =>
        headers.NonValidated.TryGetValues("grpc-status", out var text) && int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;
}

/// <summary>A status other than OK before any message.</summary>
internal sealed class GrpcAnswerException(GrpcAnswer answer, int status) : CodedException(status, $"gRPC status {status}"), IDisposable
{
    public GrpcAnswer Answer { get; } = answer;

    public void Dispose() => Answer.Dispose();
}
