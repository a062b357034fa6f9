namespace Quayside.Identity.Credentials;

/// <summary>Section <c>Passwords</c> of the configuration.</summary>
public sealed class PasswordOptions
{
    /// <summary>Rounds of PBKDF2-HMAC-SHA512 for a new hash. Older hashes are made anew when their owner logs in.</summary>
    public int Iterations { get; set; } = 210_000;

    /// <summary>How long a login waits for its turn to be hashed before it is asked to come back.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(4);
}
