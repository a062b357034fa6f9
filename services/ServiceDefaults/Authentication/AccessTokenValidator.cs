using System.Collections.Concurrent;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Quayside.ServiceDefaults.Authentication;

/// <summary>
/// Verifies access tokens with the keys of auth-service and remembers the verdict on good ones for a minute at most:
/// a signature check costs more than many of the requests it guards.
/// </summary>
public sealed class AccessTokenValidator(SigningKeys keys, TimeProvider time) : TokenHandler
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly ConcurrentDictionary<string, Verdict> verdicts = new(StringComparer.Ordinal);

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var now = time.GetUtcNow();
        if (verdicts.TryGetValue(token, out var known) && now < known.Until) return known.Result;
        if (!handler.CanReadToken(token)) return Refused("not a JWT");
        JsonWebToken jwt;
        try
        {
            jwt = handler.ReadJsonWebToken(token);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            return Refused("not a JWT");
        }

        if (jwt.Alg != AccessTokens.Algorithm) return Refused("wrong algorithm");
        if (await keys.FindAsync(jwt.Kid) is not { } key)
            return new TokenValidationResult { IsValid = false, Exception = new SecurityTokenSignatureKeyNotFoundException("unknown key") };
        var result = await handler.ValidateTokenAsync(jwt, Rules(key));
        if (result.IsValid) Remember(token, result, now, jwt.ValidTo);
        return result;
    }

    private TokenValidationParameters Rules(SecurityKey key) => new()
    {
        ValidIssuer = AccessTokens.Issuer,
        ValidAudience = AccessTokens.Audience,
        ValidAlgorithms = [AccessTokens.Algorithm],
        IssuerSigningKey = key,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        LifetimeValidator = (from, until, _, _) => until is { } end
            && time.GetUtcNow() < new DateTimeOffset(end, TimeSpan.Zero) + AccessTokens.ClockSkew
            && (from is not { } start || time.GetUtcNow() >= new DateTimeOffset(start, TimeSpan.Zero) - AccessTokens.ClockSkew),
        NameClaimType = "sub",
        RoleClaimType = "role",
    };

    private void Remember(string token, TokenValidationResult result, DateTimeOffset now, DateTime expires)
    {
        if (verdicts.Count >= MaxRemembered) verdicts.Clear();
        var expiry = new DateTimeOffset(expires, TimeSpan.Zero);
        // The identity is built here, once: later requests only read it.
        _ = result.ClaimsIdentity;
        verdicts[token] = new Verdict(result, expiry < now + Remembered ? expiry : now + Remembered);
    }

    private static TokenValidationResult Refused(string why) => new() { IsValid = false, Exception = new SecurityTokenException(why) };

    private sealed record Verdict(TokenValidationResult Result, DateTimeOffset Until);
}
