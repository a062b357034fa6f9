using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Quayside.ServiceDefaults.Invocation;

public static class InvocationExtensions
{
    /// <summary>The Dapr client and the invoker, both configured by DAPR_HTTP_ENDPOINT, DAPR_GRPC_ENDPOINT (or ports) and DAPR_API_TOKEN.</summary>
    public static WebApplicationBuilder AddDapr(this WebApplicationBuilder builder)
    {
        builder.Services.AddDaprClient();
        builder.Services.AddSingleton<Invoker>();
        return builder;
    }
}
