using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Bench.TokenLoad;

/// <summary>Signs as auth-service does, and publishes its key as auth-service does.</summary>
internal sealed class Issuer : IJwksSource, IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly JsonWebTokenHandler handler = new();

    public Task<string> ReadAsync(CancellationToken cancellation)
    {
        var point = key.ExportParameters(false).Q;
        return Task.FromResult(
            $$"""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"key-1","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}]}""");
    }

    public string Mint(string kid = "key-1") => handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = AccessTokens.Issuer,
        Audience = AccessTokens.Audience,
        Expires = DateTime.UtcNow.AddMinutes(5),
        Claims = new Dictionary<string, object> { ["sub"] = Guid.NewGuid().ToString(), ["role"] = "user", ["sid"] = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(16)) },
        SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = kid }, SecurityAlgorithms.EcdsaSha256),
    });

    public void Dispose() => key.Dispose();
}
