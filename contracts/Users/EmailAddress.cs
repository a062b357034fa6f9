using System.Text;
using System.Text.RegularExpressions;

namespace Quayside.Contracts.Users;

public static partial class EmailAddress
{
    /// <summary>Longest address that a mail path can carry (RFC 5321).</summary>
    public const int MaxLength = 254;

    /// <summary>The rule, to be told to who broke it.</summary>
    public const string Rule = "must be an e-mail address in ASCII; the domain of an international one is written in its xn-- form";

    /// <summary>
    /// The form in which two spellings of one address are equal: without blanks around it, A to Z as a to z. Only ASCII is an address, so nothing else is
    /// folded: a Kelvin sign is no k, and who types one is nobody here.
    /// </summary>
    public static string Normalize(string email) => email.Trim() is var trimmed && Ascii.IsValid(trimmed) ? trimmed.ToLowerInvariant() : trimmed;

    /// <summary>
    /// Whether a mail could be sent there: what HTML calls a valid e-mail address, in a domain with a dot. Browsers turn the domain that is typed into an
    /// e-mail field into ASCII themselves (<c>bücher.example</c> into <c>xn--bcher-kva.example</c>).
    /// </summary>
    public static bool IsPlausible(string email) => email.Length <= MaxLength && Plausible().IsMatch(email);

    [GeneratedRegex(@"\A[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\z")]
    private static partial Regex Plausible();
}
