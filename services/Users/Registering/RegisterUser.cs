namespace Quayside.Users.Registering;

/// <summary>The body of POST /api/users.</summary>
public sealed record RegisterUser(string Email, string Name, string Password)
{
    public const int MaxText = 1_000;

    /// <summary>The edge looks at shape and size only; ValidateUser judges address and name, Identity the password.</summary>
    public Dictionary<string, string[]> Validate()
    {
        Dictionary<string, string[]> errors = [];
        if (Email.Length > MaxText) errors["email"] = [$"must have at most {MaxText} characters"];
        if (Name.Length > MaxText) errors["name"] = [$"must have at most {MaxText} characters"];
        return errors;
    }

    public override string ToString() => nameof(RegisterUser);
}
