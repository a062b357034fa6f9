using System.Text.RegularExpressions;

namespace Quayside.Contracts.Users;

public static partial class EmailAddress
{
    /// <summary>Longest address that a mail path can carry (RFC 5321).</summary>
    public const int MaxLength = 254;

    /// <summary>The form in which two spellings of one address are equal.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    /// <summary>Whether a mail could be sent there: what HTML calls a valid e-mail address, in a domain with a dot.</summary>
    public static bool IsPlausible(string email) => email.Length <= MaxLength && Plausible().IsMatch(email);

    [GeneratedRegex(@"\A[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\z")]
    private static partial Regex Plausible();
}
