using System.Text;
using Microsoft.Extensions.Configuration.Json;
using Quayside.Gateway.Forwarding;
using Quayside.Gateway.Limits;
using Quayside.Gateway.Pages;
using Quayside.Gateway.Resilience;
using Quayside.Gateway.Routing;
using Quayside.ServiceDefaults;

namespace Quayside.Gateway;

public static class GatewayApp
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    private static readonly string[] Headers = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "consistency-token"];

    /// <param name="services">What a test puts in place of the real thing, such as the clock.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        // First in line, so that environment and arguments override the table.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, Table());
        services?.Invoke(builder.Services);
        builder.AddServiceDefaults("gateway", port: 8080);
        var options = builder.Configuration.GetSection("Gateway").Get<GatewayOptions>() ?? new GatewayOptions();
        var proxies = new TrustedProxies(options);
        builder.Services.AddSingleton(options);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
            kestrel.LimitClients(options.Clients, proxies);
        });
        builder.Services.AddSingleton<RouteTable>();
        builder.Services.AddSingleton<RateLimits>();
        builder.Services.AddSingleton<Breakers>();
        builder.Services.AddSingleton<Wire>();
        builder.Services.AddSingleton<StartingApps>().AddHostedService(provider => provider.GetRequiredService<StartingApps>());
        builder.Services.AddSingleton<Forwarder>();
        builder.Services.AddCors(cors => cors.AddPolicy("admin", policy => policy
            .WithOrigins(options.AdminOrigin).WithMethods(Methods).WithHeaders(Headers).SetPreflightMaxAge(TimeSpan.FromMinutes(10))));

        var app = builder.Build();
        proxies.UseAddresses(app);
        app.UseMiddleware<SecurityHeaders>();
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api/admin"), admin => admin.UseCors("admin"));
        app.UseServiceDefaults();
        app.UseMiddleware<FramingRules>();
        app.UseMiddleware<PathRules>();
        app.MapHealthChecks("/healthz");
        app.MapWelcome();
        app.MapOpenApi();
        app.MapMethods("/api/{**path}", [.. Methods, "HEAD"], (HttpContext context, Forwarder forwarder) => forwarder.HandleAsync(context));
        return app;
    }

    private static JsonConfigurationSource Table()
    {
        var source = new JsonConfigurationSource { Path = "gateway.json" };
        source.FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(AppContext.BaseDirectory);
        return source;
    }
}
