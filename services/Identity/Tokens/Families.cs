using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Credentials;
using Quayside.Identity.Store;

namespace Quayside.Identity.Tokens;

/// <summary>Logins that last: started, renewed, revoked; each change of a family by its etag.</summary>
public sealed class Families(IdentityStore store, RefreshTokens refreshTokens, AccessTokenIssuer accessTokens, TimeProvider time)
{
    internal async Task<TokenPair> StartAsync(Credential credential, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(16));
        var family = new Family(id, credential.UserId, credential.Name, credential.Role, 0, now, now);
        await store.CreateAsync(KeyOf(id), family, Family.Idle, cancellation);
        return await PairAsync(family, cancellation);
    }

    /// <returns>Null if the token is unknown, over, revoked or was used before.</returns>
    public async Task<TokenPair?> RenewAsync(string token, CancellationToken cancellation)
    {
        if (await refreshTokens.ReadAsync(token, cancellation) is not { } read) return null;
        var (id, generation) = read;
        var now = time.GetUtcNow();
        var answer = await store.ChangeAsync<Family, Family?>(KeyOf(id), family =>
        {
            if (family is null) return (null, null);
            var (renewed, change, after) = family.Present(generation, now);
            return (change ? after : null, renewed);
        }, Family.Idle, cancellation);
        return answer is null ? null : await PairAsync(answer, cancellation);
    }

    public async Task RevokeAsync(string token, CancellationToken cancellation)
    {
        if (await refreshTokens.ReadAsync(token, cancellation) is not { } read) return;
        var (id, _) = read;
        await store.ChangeAsync<Family, bool>(
            KeyOf(id), family => family is { IsRevoked: false } ? (family with { IsRevoked = true }, true) : (null, false), Family.Idle, cancellation);
    }

    public async Task<bool> IsAliveAsync(string id, CancellationToken cancellation) =>
        await store.FindAsync<Family>(KeyOf(id), cancellation) is { } family && !family.IsOver(time.GetUtcNow());

    private async Task<TokenPair> PairAsync(Family family, CancellationToken cancellation) => new(
        await accessTokens.IssueAsync(family, cancellation),
        await refreshTokens.WriteAsync(family.Id, family.Generation, cancellation),
        "Bearer",
        (int)AccessTokenIssuer.Lifetime.TotalSeconds);

    private static string KeyOf(string family) => $"family-{family}";
}
