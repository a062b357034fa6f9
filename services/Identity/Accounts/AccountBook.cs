using Quayside.Identity.Credentials;
using Quayside.Identity.Store;

namespace Quayside.Identity.Accounts;

/// <summary>The accounts by user id. A closed one stays as a mark, so that no late message opens it again.</summary>
public sealed class AccountBook(IdentityStore store)
{
    /// <returns>Null if there is none (any more).</returns>
    internal async Task<Account?> FindOpenAsync(string userId, CancellationToken cancellation) =>
        await store.FindAsync<Account>(KeyOf(userId), cancellation) is { IsClosed: false } account ? account : null;

    /// <returns>False if the account is closed.</returns>
    internal Task<bool> OpenAsync(string userId, string role, string credential, CancellationToken cancellation) => store.ChangeAsync<Account, bool>(
        KeyOf(userId), account => account is null ? (new Account(role, credential), true) : (null, !account.IsClosed), null, cancellation);

    /// <summary>
    /// First the mark, with which every login ends at once; then the password is forgotten, then where it was. A crash in between is made good by the repetition
    /// that the event brings.
    /// </summary>
    public async Task CloseAsync(string userId, CancellationToken cancellation)
    {
        var credential = await store.ChangeAsync<Account, string?>(
            KeyOf(userId),
            account => account switch
            {
                null => (Account.Closed, null),
                { IsClosed: false } => (account with { IsClosed = true }, account.Credential),
                _ => (null, account.Credential),
            },
            null,
            cancellation);
        if (credential is null) return;
        await store.DeleteAsync<Credential>(credential, found => found.UserId == userId, cancellation);
        await store.ChangeAsync<Account, bool>(KeyOf(userId), _ => (Account.Closed, true), null, cancellation);
    }

    private static string KeyOf(string userId) => $"account-{userId}";
}
