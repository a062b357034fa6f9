using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace Quayside.ServiceDefaults.Hosting;

internal static class Listening
{
    /// <summary>Largest request body in bytes unless an endpoint says otherwise.</summary>
    public const int MaxBody = 64 * 1024;

    public static WebApplicationBuilder AddListening(this WebApplicationBuilder builder, int port)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
        });
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            // In a pod the kubelet probes the pod's address; on a machine only the sidecar may reach the app.
            var host = Container.IsHost(builder.Configuration) ? "0.0.0.0" : "127.0.0.1";
            builder.WebHost.UseUrls($"http://{host}:{builder.Configuration.GetValue("APP_PORT", port)}");
        }

        return builder;
    }
}
