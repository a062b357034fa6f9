namespace Quayside.Contracts.Users;

public static class EmailAddress
{
    /// <summary>Longest address that a mail path can carry (RFC 5321).</summary>
    public const int MaxLength = 254;

    /// <summary>The form in which two spellings of one address are equal.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();
}
