using Microsoft.AspNetCore.Http;

namespace LocalDapr.Protocol.Grpc;

/// <summary>The gRPC methods that a Kestrel server offers.</summary>
public sealed class GrpcServices
{
    private readonly Dictionary<string, RequestDelegate> methods = [];

    public Task HandleAsync(HttpContext http) => methods.TryGetValue(http.Request.Path, out var handler) ? handler(http) : Task.CompletedTask;
}
