using Dapr.Client;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Quayside.ServiceDefaults.Hosting;

namespace Quayside.ServiceDefaults.Authentication;

internal static class AuthenticationExtensions
{
    /// <summary>
    /// Default policy: a valid access token. <c>admin</c>: with that role. <c>Dapr</c>: the call came through the app's own sidecar,
    /// proven by the app token; for /internal and for subscriptions.
    /// </summary>
    public static WebApplicationBuilder AddAuthenticationDefaults(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(SidecarJwks.Client).AddHttpMessageHandler(() => new InvocationHandler
        {
            DaprEndpoint = Sidecar.Http(builder.Configuration).AbsoluteUri,
        });
        builder.Services.TryAddSingleton<IJwksSource, SidecarJwks>();
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<AccessTokenValidator>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer()
            .AddDapr(o => o.Token = builder.Configuration["APP_API_TOKEN"] ?? o.Token);
        // AddAuthentication brings cookie protection along, which reads or writes a key ring at every start; no service here has cookies.
        foreach (var unused in builder.Services.Where(s => s.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            builder.Services.Remove(unused);
        builder.Services.AddSingleton<IConfigureOptions<JwtBearerOptions>, AccessTokenRules>();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("admin", policy => policy.RequireAuthenticatedUser().RequireRole("admin"))
            .AddPolicy("Dapr", policy => policy.AddAuthenticationSchemes("Dapr").RequireAuthenticatedUser());
        return builder;
    }

    private sealed class AccessTokenRules(AccessTokenValidator validator, SigningKeys keys) : IConfigureNamedOptions<JwtBearerOptions>
    {
        public void Configure(string? name, JwtBearerOptions options)
        {
            options.MapInboundClaims = false;
            options.IncludeErrorDetails = false;
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(validator);
            options.Events = new JwtBearerEvents { OnChallenge = RefuseAsync };
        }

        // While the keys cannot be read a good token must not look like a bad one: clients would log out.
        private Task RefuseAsync(JwtBearerChallengeContext challenge)
        {
            if (!keys.AreUnknown || challenge.AuthenticateFailure is not SecurityTokenSignatureKeyNotFoundException) return Task.CompletedTask;
            challenge.HandleResponse();
            challenge.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            challenge.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        }

        public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);
    }
}
