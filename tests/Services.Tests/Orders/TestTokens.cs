using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Services.Tests.Orders;

/// <summary>Signs access tokens with a key of its own and publishes it as auth-service would.</summary>
internal sealed class TestTokens : IJwksSource
{
    private readonly ECDsaSecurityKey _key = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "test" };

    public string For(string userId, string? role = null, TimeSpan? life = null) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = AccessTokens.Issuer,
        Audience = AccessTokens.Audience,
        Expires = DateTime.UtcNow + (life ?? TimeSpan.FromMinutes(5)),
        Claims = role is null ? new Dictionary<string, object> { ["sub"] = userId } : new() { ["sub"] = userId, ["role"] = role },
        SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.EcdsaSha256),
    });

    public Task<string> ReadAsync(CancellationToken cancellation)
    {
        var point = _key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return Task.FromResult(JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = "test", x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) },
            },
        }));
    }
}
