using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Quayside.Identity.Accounts;
using Quayside.Identity.Store;

namespace Quayside.Identity.Tokens;

/// <summary>Logins that last: started, renewed, revoked; each change of a family by its etag, all of a user's at once by the account.</summary>
public sealed class Families(IdentityStore store, AccountBook accounts, RefreshTokens refreshTokens, AccessTokenIssuer accessTokens, TimeProvider time)
{
    /// <returns>Null if the user has no account any more.</returns>
    internal async Task<TokenPair?> StartAsync(string userId, CancellationToken cancellation)
    {
        if (await accounts.FindOpenAsync(userId, cancellation) is not { } account) return null;
        var now = time.GetUtcNow();
        var id = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(16));
        var family = new Family(id, userId, 0, now, now);
        await store.CreateAsync(KeyOf(id), family, Family.Idle, cancellation);
        return await PairAsync(family, account, cancellation);
    }

    /// <returns>Null if the token is unknown, over, revoked or was used before, or its user has no account any more.</returns>
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
        if (answer is null || await accounts.FindOpenAsync(answer.UserId, cancellation) is not { } account) return null;
        return await PairAsync(answer, account, cancellation);
    }

    public async Task RevokeAsync(string token, CancellationToken cancellation)
    {
        if (await refreshTokens.ReadAsync(token, cancellation) is not { } read) return;
        var (id, _) = read;
        await store.ChangeAsync<Family, bool>(
            KeyOf(id), family => family is { IsRevoked: false } ? (family with { IsRevoked = true }, true) : (null, false), Family.Idle, cancellation);
    }

    public async Task<bool> IsAliveAsync(string id, CancellationToken cancellation) =>
        await store.FindAsync<Family>(KeyOf(id), cancellation) is { } family && !family.IsOver(time.GetUtcNow())
        && await accounts.FindOpenAsync(family.UserId, cancellation) is not null;

    private async Task<TokenPair> PairAsync(Family family, Account account, CancellationToken cancellation) => new(
        await accessTokens.IssueAsync(family, account.Role, cancellation),
        await refreshTokens.WriteAsync(family.Id, family.Generation, cancellation),
        "Bearer",
        (int)AccessTokenIssuer.Lifetime.TotalSeconds);

    private static string KeyOf(string family) => $"family-{family}";
}
