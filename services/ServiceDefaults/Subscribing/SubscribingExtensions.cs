using Microsoft.AspNetCore.Builder;

namespace Quayside.ServiceDefaults.Subscribing;

public static class SubscribingExtensions
{
    /// <summary>
    /// Unwraps CloudEvents where they are delivered, and nowhere else: a caller of /api may name any content type. And tells the sidecar what is subscribed to.
    /// </summary>
    public static WebApplication UseSubscriptions(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/events"), events => events.UseCloudEvents());
        app.MapSubscribeHandler().RequireAuthorization("Dapr");
        return app;
    }
}
