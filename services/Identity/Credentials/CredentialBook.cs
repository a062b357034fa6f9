using System.Security.Cryptography;
using System.Text;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;
using Quayside.Identity.Store;

namespace Quayside.Identity.Credentials;

internal sealed record Credential(string UserId, string Name, string Role, string PasswordHash);

/// <summary>A password that waits for its registration to create the user.</summary>
/// <param name="PasswordHash">Null once it was used or dropped: the id stays, so that a late repeat brings no other password.</param>
internal sealed record WaitingPassword(string? PasswordHash, DateTimeOffset At);

/// <summary>Who may log in, by e-mail. Keys hold a digest of the address, not the address.</summary>
public sealed class CredentialBook(IdentityStore store, TimeProvider time)
{
    // As long as a registration may take, restarts included.
    private static readonly TimeSpan Waiting = TimeSpan.FromDays(7);

    internal Task<Credential?> FindAsync(string email, CancellationToken cancellation) => store.FindAsync<Credential>(KeyOf(email), cancellation);

    /// <returns>False if the address has a credential.</returns>
    internal Task<bool> AddAsync(string email, Credential credential, CancellationToken cancellation) =>
        store.CreateAsync(KeyOf(email), credential, null, cancellation);

    /// <returns>False if the registration has a password already.</returns>
    internal Task<bool> AddWaitingAsync(string registrationId, string hash, CancellationToken cancellation) =>
        store.CreateAsync(WaitingKeyOf(registrationId), new WaitingPassword(hash, time.GetUtcNow()), Waiting, cancellation);

    /// <summary>
    /// First the credential, then the end of the waiting: a crash in between repeats. A credential that is there is never changed, so nobody
    /// gets into an account by registering once more.
    /// </summary>
    internal async Task<ActivateOutcome> ActivateAsync(ActivateCredential user, CancellationToken cancellation)
    {
        if (await store.FindAsync<WaitingPassword>(WaitingKeyOf(user.RegistrationId), cancellation) is { PasswordHash: { } hash })
            await AddAsync(user.Email, new Credential(user.UserId, user.Name, "user", hash), cancellation);
        if (await FindAsync(user.Email, cancellation) is not { } credential) return ActivateOutcome.Missing;
        if (credential.UserId != user.UserId) return ActivateOutcome.Taken;
        await DropWaitingAsync(user.RegistrationId, cancellation);
        return ActivateOutcome.Activated;
    }

    /// <returns>False if no password was waiting.</returns>
    internal Task<bool> DropWaitingAsync(string registrationId, CancellationToken cancellation) => store.ChangeAsync<WaitingPassword, bool>(
        WaitingKeyOf(registrationId), waiting => waiting?.PasswordHash is null ? (null, false) : (waiting with { PasswordHash = null }, true), Waiting, cancellation);

    private static string WaitingKeyOf(string registrationId) => $"registration-{registrationId}";

    internal static string KeyOf(string email) =>
        "credential-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EmailAddress.Normalize(email))));
}
