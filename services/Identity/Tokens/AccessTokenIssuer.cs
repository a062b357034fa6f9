using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Keys;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Identity.Tokens;

/// <summary>Signs access tokens: sub, role, and as sid the family whose revocation ends them.</summary>
public sealed class AccessTokenIssuer(SigningKeyRing ring, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    internal async ValueTask<string> IssueAsync(Family family, string role, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var keys = await ring.GetAsync(cancellation);
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = AccessTokens.Issuer,
            Audience = AccessTokens.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = family.UserId,
                ["role"] = role,
                ["sid"] = family.Id,
            },
            SigningCredentials = new SigningCredentials(keys.Signer, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
