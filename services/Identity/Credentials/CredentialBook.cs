using System.Security.Cryptography;
using System.Text;
using Quayside.Contracts.Users;
using Quayside.Identity.Store;

namespace Quayside.Identity.Credentials;

internal sealed record Credential(string UserId, string Name, string Role, string PasswordHash);

/// <summary>A password that waits for its registration to create the user.</summary>
internal sealed record WaitingPassword(string PasswordHash, DateTimeOffset At);

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
        store.CreateAsync($"registration-{registrationId}", new WaitingPassword(hash, time.GetUtcNow()), Waiting, cancellation);

    internal static string KeyOf(string email) =>
        "credential-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EmailAddress.Normalize(email))));
}
