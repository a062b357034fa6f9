#nullable disable
using Dapr;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Unwraps events before endpoints read them.</summary>
public static class DaprApplicationBuilderExtensions
{
    public static IApplicationBuilder UseCloudEvents(this IApplicationBuilder builder) => UseCloudEvents(builder, new CloudEventsMiddlewareOptions());

    public static IApplicationBuilder UseCloudEvents(this IApplicationBuilder builder, CloudEventsMiddlewareOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseMiddleware<CloudEventsMiddleware>(options);
    }
}
