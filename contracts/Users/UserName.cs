using System.Globalization;
using System.Text;

namespace Quayside.Contracts.Users;

/// <summary>What a user wants to be called.</summary>
public static class UserName
{
    public const int MaxLength = 100;

    /// <summary>The rule, to be told to who broke it.</summary>
    public static readonly string Rule = $"must have 1 to {MaxLength} printable characters";

    public static bool IsValid(string name) => name.Trim().Length is > 0 and <= MaxLength && name.EnumerateRunes().All(IsPrintable);

    /// <summary>Signs that turn the direction of text let a name rewrite the line that it stands in; U+FFFD stands for half a surrogate pair.</summary>
    private static bool IsPrintable(Rune rune) => rune.Value is not (>= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069 or 0xFFFD)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
