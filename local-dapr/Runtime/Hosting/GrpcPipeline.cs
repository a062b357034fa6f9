using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Invocation;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.Hosting;

/// <summary>What every gRPC call to the Dapr API passes through: token, trace, the Configuration's API lists, then the method or the proxy to another app.</summary>
internal sealed class GrpcPipeline(SidecarContext context, GrpcServices services)
{
    private readonly byte[]? token = context.Options.ApiToken is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;
    private readonly TraceReader traces = new(context.Configuration);
    private readonly InvocationFeature invocation = context.Feature<InvocationFeature>();

    public async Task HandleAsync(HttpContext http)
    {
        if (token is not null && !CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes(http.Request.Headers[HttpPipeline.TokenHeader].ToString())))
        {
            await GrpcServices.FailAsync(http, Unauthorized());
            return;
        }
        http.Request.Headers.Remove(HttpPipeline.TokenHeader);
        http.Features.Set(traces.Read(http.Request.Headers) ?? TraceContext.None);
        var path = http.Request.Path.Value ?? "";
        if (path.StartsWith("/" + DaprMethods.Service + "/", StringComparison.Ordinal)
            && GrpcApiGroups.Of(path[(DaprMethods.Service.Length + 2)..]) is var (group, version)
            && context.Configuration.IsGrpcClosed(group, version))
        {
            await GrpcServices.FailAsync(http, new RpcException(StatusCode.Unimplemented, "requested endpoint is not available"));
        }
        else if (!services.Handles(path) && GrpcProxy.Target(http.Request) is { } target)
        {
            await ProxyAsync(http, target);
        }
        else
        {
            await services.HandleAsync(http);
        }
    }

    private static RpcException Unauthorized()
    {
        const string Message = "authentication error: api token mismatch";
        var info = new ErrorInfo { Reason = "Unauthorized", Domain = "dapr.io" };
        info.Metadata["http.code"] = "401";
        info.Metadata["http.error_message"] = Message;
        var status = new Status { Code = (int)StatusCode.Unauthenticated, Message = Message };
        status.Details.Add(Any.Pack(info));
        return RpcException.From(status);
    }

    private async Task ProxyAsync(HttpContext http, string target)
    {
        try
        {
            await invocation.Proxy!.HandleAsync(http, target);
        }
        catch (RpcException failure) when (!http.Response.HasStarted)
        {
            await GrpcServices.FailAsync(http, failure);
        }
        catch (Api.ApiException failure) when (!http.Response.HasStarted)
        {
            await GrpcServices.FailAsync(http, new RpcException(failure.GrpcStatus, failure.Message));
        }
    }
}
