using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Hosting;

/// <summary>GET /v1.0/healthz and /v1.0/healthz/outbound (204, or 500 while not ready), POST /v1.0/shutdown.</summary>
internal sealed class HealthFeature(SidecarContext context, Sidecar sidecar) : ISidecarFeature
{
    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        http.Map("healthz", "GET", "healthz", (call, _) =>
        {
            if (call.Request.Query["appid"].ToString() is { Length: > 0 } asked && asked != context.Options.AppId)
                throw new ApiException(500, StatusCode.Internal, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match");
            return Answer(call, sidecar.IsReady, "ERR_HEALTH_NOT_READY", "dapr is not ready");
        });
        http.Map("healthz", "GET", "healthz/outbound", (call, _) => Answer(call, sidecar.IsOutboundReady, "ERR_OUTBOUND_HEALTH_NOT_READY", "dapr outbound is not ready"));
        http.Map("shutdown", "POST", "shutdown", (call, _) =>
        {
            call.Response.StatusCode = StatusCodes.Status204NoContent;
            var forced = call.Request.Headers["dapr-force-shutdown"] == "true";
            call.Response.OnCompleted(() =>
            {
                sidecar.StopRequested.TrySetResult(forced ? 1 : 0);
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        grpc.Unary(DaprMethods.Shutdown, (_, call) =>
        {
            call.HttpContext.Response.OnCompleted(() =>
            {
                sidecar.StopRequested.TrySetResult(0);
                return Task.CompletedTask;
            });
            return Task.FromResult(new Empty());
        });
    }

    private static Task Answer(HttpContext call, bool ready, string errorCode, string message)
    {
        if (!ready)
            throw new ApiException(500, StatusCode.Internal, errorCode, message);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
