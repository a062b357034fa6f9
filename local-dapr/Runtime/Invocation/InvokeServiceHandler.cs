using Dapr.Proto.Common.V1;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Invocation;

/// <summary>InvokeService of the gRPC API (contract section 7): the callee's status, headers as metadata, <c>dapr-http-status</c> when it speaks HTTP.</summary>
internal sealed class InvokeServiceHandler(Func<string, Callee> find)
{
    public Task<InvokeResponse> HandleAsync(InvokeServiceRequest request, ServerCallContext call) =>
        RunAsync(() => find(request.Id), request, TraceContext.Of(call.HttpContext), call, internally: false);

    /// <summary>A call that came over the internal port, for this sidecar's own app: no policies here.</summary>
    public static Task<InvokeResponse> ReceiveAsync(AppCallee app, InvokeServiceRequest request, ServerCallContext call) =>
        RunAsync(() => app, request, InternalPipeline.Trace(call.HttpContext), call, internally: true);

    private static async Task<InvokeResponse> RunAsync(Func<Callee> find, InvokeServiceRequest request, TraceContext trace, ServerCallContext call, bool internally)
    {
        var message = request.Message ?? throw new RpcException(StatusCode.InvalidArgument, "invalid invoke request: no message");
        var path = MethodPath.Clean(message.Method) ?? throw new RpcException(StatusCode.InvalidArgument, $"invalid method {message.Method}");
        if (HeaderText.HasControls(message.ContentType))
            throw new RpcException(StatusCode.InvalidArgument, "invalid invoke request: a control character in content_type");
        try
        {
            var callee = find();
            var service = new ServiceCall(message, path, call.RequestHeaders, trace);
            var policy = internally ? Policy.None : callee.PolicyFor(path);
            var answer = await policy.ExecuteAsync(token => AttemptAsync(callee, service, token), call.CancellationToken);
            return await FinishAsync(answer, call);
        }
        catch (ServiceFailedException last) when (last.Answer is not null)
        {
            return await FinishAsync(last.Answer, call);
        }
        catch (ServiceFailedException last)
        {
            await SendAsync(last.Headers!, call);
            throw last.Rpc!;
        }
        catch (TimeoutException failure)
        {
            throw new RpcException(StatusCode.DeadlineExceeded, failure.Message);
        }
        catch (Api.ApiException failure)
        {
            throw new RpcException(failure.GrpcStatus, failure.Message);
        }
        catch (Exception failure) when (failure is not (RpcException or OperationCanceledException))
        {
            throw new RpcException(failure is CircuitOpenException ? StatusCode.Unavailable : StatusCode.Internal, $"failed to invoke, id: {request.Id}, err: {failure.Message}");
        }
    }

    private static async Task<ServiceAnswer> AttemptAsync(Callee callee, ServiceCall service, CancellationToken cancellation)
    {
        using var place = await callee.EnterAsync(cancellation);
        var answer = await callee.InvokeAsync(service, cancellation);
        return answer.HttpStatus is not 0 and (< 200 or >= 400) ? throw new ServiceFailedException(answer) : answer;
    }

    private static async Task<InvokeResponse> FinishAsync(ServiceAnswer answer, ServerCallContext call)
    {
        if (answer.HttpStatus is 0 or (>= 200 and < 300))
        {
            foreach (var entry in answer.Headers)
                call.ResponseHeaders.Add(entry);
            return answer.Response;
        }
        await SendAsync(answer.Headers, call);
        throw answer.Error();
    }

    /// <summary>Sends the headers before the status, so that a client finds them in the initial metadata.</summary>
    private static async Task SendAsync(Metadata headers, ServerCallContext call)
    {
        if (headers.Count == 0)
            return;
        foreach (var entry in headers)
            call.ResponseHeaders.Add(entry);
        await call.SendHeadersAsync();
    }
}
