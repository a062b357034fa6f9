using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Hosting;
using Quayside.ServiceDefaults.Logging;
using Quayside.ServiceDefaults.Problems;
using Quayside.ServiceDefaults.Telemetry;

namespace Quayside.ServiceDefaults;

/// <summary>What every service of the house has in common: two calls around its own registrations and routes.</summary>
public static class ServiceDefaultsExtensions
{
    /// <param name="builder">Best made by <c>WebApplication.CreateSlimBuilder</c>: it starts quickest.</param>
    /// <param name="appId">The Dapr app id.</param>
    /// <param name="port">Used when neither APP_PORT (given by <c>dapr run</c>) nor ASPNETCORE_URLS is set.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string appId, int port = 0)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
        return builder
            .AddLogging(appId)
            .AddTelemetry(appId)
            .AddDataDirectory(appId)
            .AddListening(port)
            .AddProblems()
            .AddAuthenticationDefaults()
            .AddHealth();
    }

    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.UseMiddleware<RequestSpan>();
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        return app;
    }
}
