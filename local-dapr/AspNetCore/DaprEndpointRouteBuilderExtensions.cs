#nullable disable
using System.Text.Json;
using Dapr;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The document that tells the sidecar what an app subscribes to.</summary>
public static class DaprEndpointRouteBuilderExtensions
{
    /// <summary>Maps GET /dapr/subscribe over all endpoints with topics.</summary>
    public static IEndpointConventionBuilder MapSubscribeHandler(this IEndpointRouteBuilder endpoints) => MapSubscribeHandler(endpoints, null);

    /// <inheritdoc cref="MapSubscribeHandler(IEndpointRouteBuilder)"/>
    public static IEndpointConventionBuilder MapSubscribeHandler(this IEndpointRouteBuilder endpoints, SubscribeOptions options)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var source = endpoints.ServiceProvider.GetRequiredService<EndpointDataSource>();
        var logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("DaprTopicSubscription");
        return endpoints.MapGet("dapr/subscribe", (RequestDelegate)(context =>
            JsonSerializer.SerializeAsync(context.Response.Body, Subscriptions.Of(source.Endpoints, options, logger), SubscriptionJson.Default.SubscriptionArray, context.RequestAborted)));
    }
}
