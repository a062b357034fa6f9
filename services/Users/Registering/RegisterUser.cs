namespace Quayside.Users.Registering;

/// <summary>The body of POST /api/users.</summary>
public sealed record RegisterUser(string Email, string Name, string Password)
{
    public const int MaxText = 1_000;

    /// <summary>The edge looks at shape and size only; ValidateUser judges address and name, Identity the password.</summary>
    public Dictionary<string, string[]> Validate()
    {
        Dictionary<string, string[]> errors = [];
        Measure("email", Email);
        Measure("name", Name);
        return errors;

        void Measure(string field, string text)
        {
            if (text.Length > MaxText)
                errors[field] = [$"must have at most {MaxText} characters"];
            else if (text.EnumerateRunes().Any(rune => rune.Value is 0 or 0xFFFD))
                errors[field] = ["must have whole characters only, and no U+0000"]; // which databases cannot keep
        }
    }

    public override string ToString() => nameof(RegisterUser);
}
