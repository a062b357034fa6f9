namespace Quayside.Identity.Accounts;

/// <summary>
/// What Identity knows of a user, besides the password: neither name nor address. Every login and every refresh asks it, so one write ends them all.
/// </summary>
/// <param name="Credential">Key of the user's credential, whose name is a digest of the address; null once it is forgotten.</param>
/// <param name="IsClosed">For good: a user id is never given again.</param>
internal sealed record Account(string Role, string? Credential, bool IsClosed = false)
{
    public static readonly Account Closed = new("", null, IsClosed: true);
}
