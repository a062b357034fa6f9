using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Credentials;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Identity.Keys;

/// <summary>The public keys as RFC 7517 has them.</summary>
internal static class Jwks
{
    public static void MapKeys(this WebApplication app) => app.MapGet("/.well-known/jwks.json", async (SigningKeyRing ring, HttpResponse response, CancellationToken cancellation) =>
    {
        response.Headers.CacheControl = "public, max-age=60";
        return TypedResults.Text(Write(await ring.GetAsync(cancellation)), "application/jwk-set+json");
    });

    public static string Write(SigningKeyRing.Ring ring) => JsonSerializer.Serialize(new
    {
        keys = ring.Document.Keys.Select(k => new
        {
            kty = "EC",
            crv = "P-256",
            use = "sig",
            alg = AccessTokens.Algorithm,
            kid = k.Kid,
            x = Base64UrlEncoder.Encode(k.X),
            y = Base64UrlEncoder.Encode(k.Y),
        }),
    });
}

/// <summary>auth-service verifies with its own keys, without a way round through the sidecar.</summary>
internal sealed class LocalJwks(SigningKeyRing ring) : IJwksSource
{
    public async Task<string> ReadAsync(CancellationToken cancellation) => Jwks.Write(await ring.GetAsync(cancellation));
}

internal sealed class KeysReady(FirstStart start) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(start.Done.IsCompletedSuccessfully ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}
