namespace Quayside.Contracts.Users;

/// <summary>What a user wants to be called.</summary>
public static class UserName
{
    public const int MaxLength = 100;

    /// <summary>The rule, to be told to who broke it.</summary>
    public static readonly string Rule = $"must have 1 to {MaxLength} printable characters";

    public static bool IsValid(string name) => name.Trim().Length is > 0 and <= MaxLength && !name.Any(char.IsControl);
}
