using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Quayside.ServiceDefaults.Authentication;

public static class SidecarOnly
{
    /// <summary>
    /// Refuses who does not bring the app token, whatever he asks for: past the sidecar nobody has counted his requests, and nobody vouches for the client's
    /// address that he tells. Probes get in.
    /// </summary>
    public static WebApplication UseSidecarOnly(this WebApplication app)
    {
        app.Use(static async (context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/healthz") || (await context.AuthenticateAsync("Dapr")).Succeeded)
                await next(context);
            else
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        });
        return app;
    }
}
