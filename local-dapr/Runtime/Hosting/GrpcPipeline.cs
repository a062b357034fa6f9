using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Runtime.Hosting;

/// <summary>What every gRPC call to the Dapr API passes through: the token, then the method or the proxy to another app.</summary>
internal sealed class GrpcPipeline(GrpcServices services)
{
    public Task HandleAsync(HttpContext http)
    {
        http.Request.Headers.Remove(HttpPipeline.TokenHeader);
        return services.HandleAsync(http);
    }
}
