using System.Security.Cryptography;
using System.Text;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;
using Quayside.Identity.Accounts;
using Quayside.Identity.Store;

namespace Quayside.Identity.Credentials;

internal sealed record Credential(string UserId, string PasswordHash);

/// <summary>A password that waits for its registration to create the user.</summary>
/// <param name="PasswordHash">Null once it was used or dropped: the id stays, so that a late repeat brings no other password.</param>
internal sealed record WaitingPassword(string? PasswordHash, DateTimeOffset At);

/// <summary>Who may log in, by e-mail. Keys hold a digest of the address, not the address.</summary>
public sealed class CredentialBook(IdentityStore store, AccountBook accounts, TimeProvider time)
{
    // As long as a registration may take, restarts included.
    private static readonly TimeSpan Waiting = TimeSpan.FromDays(7);

    internal Task<Credential?> FindAsync(string email, CancellationToken cancellation) => store.FindAsync<Credential>(KeyOf(email), cancellation);

    /// <summary>
    /// The account, then its credential: who finds the one finds the other. A credential that is there is never changed, so nobody gets into an account by
    /// registering once more; one that a deleted user has left behind gives way.
    /// </summary>
    internal async Task<ActivateOutcome> AddAsync(string email, string userId, string role, string hash, CancellationToken cancellation)
    {
        var key = KeyOf(email);
        if (!await accounts.OpenAsync(userId, role, key, cancellation)) return ActivateOutcome.Closed;
        if (await FindAsync(email, cancellation) is { } left && await accounts.FindOpenAsync(left.UserId, cancellation) is null)
            await store.DeleteAsync<Credential>(key, found => found == left, cancellation);
        await store.CreateAsync(key, new Credential(userId, hash), null, cancellation);
        if (await accounts.FindOpenAsync(userId, cancellation) is not null) return await OwnedByAsync(email, userId, cancellation);
        // Closed in between: whoever closed it did not find the credential yet.
        await store.DeleteAsync<Credential>(key, found => found.UserId == userId, cancellation);
        return ActivateOutcome.Closed;
    }

    /// <summary>Another hash of the password that <paramref name="known"/> has a hash of; a credential that has changed meanwhile stays as it is.</summary>
    internal Task RehashAsync(string email, Credential known, string hash, CancellationToken cancellation) => store.ChangeAsync<Credential, bool>(
        KeyOf(email), stored => stored == known ? (known with { PasswordHash = hash }, true) : (null, false), null, cancellation);

    /// <returns>False if the registration has a password already.</returns>
    internal Task<bool> AddWaitingAsync(string registrationId, string hash, CancellationToken cancellation) =>
        store.CreateAsync(WaitingKeyOf(registrationId), new WaitingPassword(hash, time.GetUtcNow()), Waiting, cancellation);

    /// <summary>First the credential, then the end of the waiting: a crash in between repeats.</summary>
    internal async Task<ActivateOutcome> ActivateAsync(ActivateCredential user, CancellationToken cancellation)
    {
        var waiting = await store.FindAsync<WaitingPassword>(WaitingKeyOf(user.RegistrationId), cancellation);
        var outcome = waiting is { PasswordHash: { } hash }
            ? await AddAsync(user.Email, user.UserId, "user", hash, cancellation)
            : await OwnedByAsync(user.Email, user.UserId, cancellation);
        if (outcome is ActivateOutcome.Activated or ActivateOutcome.Closed) await DropWaitingAsync(user.RegistrationId, cancellation);
        return outcome;
    }

    private async Task<ActivateOutcome> OwnedByAsync(string email, string userId, CancellationToken cancellation) => await FindAsync(email, cancellation) switch
    {
        null => ActivateOutcome.Missing,
        var credential when credential.UserId == userId => ActivateOutcome.Activated,
        _ => ActivateOutcome.Taken,
    };

    /// <returns>False if no password was waiting.</returns>
    internal Task<bool> DropWaitingAsync(string registrationId, CancellationToken cancellation) => store.ChangeAsync<WaitingPassword, bool>(
        WaitingKeyOf(registrationId), waiting => waiting?.PasswordHash is null ? (null, false) : (waiting with { PasswordHash = null }, true), Waiting, cancellation);

    private static string WaitingKeyOf(string registrationId) => $"registration-{registrationId}";

    internal static string KeyOf(string email) =>
        "credential-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EmailAddress.Normalize(email))));
}
