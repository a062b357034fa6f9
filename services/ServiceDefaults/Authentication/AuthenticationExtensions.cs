using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Quayside.ServiceDefaults.Authentication;

internal static class AuthenticationExtensions
{
    /// <summary>
    /// Default policy: a valid access token. <c>admin</c>: with that role. <c>Dapr</c>: the call came through the app's own sidecar,
    /// proven by the app token; for /internal and for subscriptions.
    /// </summary>
    public static WebApplicationBuilder AddAuthenticationDefaults(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(SidecarJwks.Client).AddHttpMessageHandler(() => new SidecarHandler(builder.Configuration));
        builder.Services.TryAddSingleton<IJwksSource, SidecarJwks>();
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<AccessTokenValidator>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer()
            .AddScheme<AppTokenOptions, AppTokenHandler>(AppTokenHandler.Scheme, o => o.Token = builder.Configuration["APP_API_TOKEN"]);
        // AddAuthentication brings cookie protection along, which reads or writes a key ring at every start; no service here has cookies.
        foreach (var unused in builder.Services.Where(s => s.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            builder.Services.Remove(unused);
        builder.Services.AddSingleton<IConfigureOptions<JwtBearerOptions>, AccessTokenRules>();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("admin", policy => policy.RequireAuthenticatedUser().RequireRole("admin"))
            .AddPolicy(AppTokenHandler.Scheme, policy => policy.AddAuthenticationSchemes(AppTokenHandler.Scheme).RequireAuthenticatedUser());
        return builder;
    }

    private sealed class AccessTokenRules(AccessTokenValidator validator) : IConfigureNamedOptions<JwtBearerOptions>
    {
        public void Configure(string? name, JwtBearerOptions options)
        {
            options.MapInboundClaims = false;
            options.IncludeErrorDetails = false;
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(validator);
        }

        public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);
    }
}
