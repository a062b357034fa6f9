using System.Text.Json.Serialization;

namespace Quayside.Contracts.Identity;

/// <summary>POST /internal/credentials: keeps the password's hash under the registration id; the same id again changes nothing.</summary>
/// <param name="Client">The address that it came from: of one client a few passwords are hashed at once.</param>
public sealed record RegisterCredential(string RegistrationId, string Password, string Client = "")
{
    public override string ToString() => $"{nameof(RegisterCredential)} {RegistrationId}";
}

/// <param name="Reason">Of a refusal: the rule that the password breaks.</param>
public sealed record RegisterCredentialResult(RegisterOutcome Result, string? Reason = null);

[JsonConverter(typeof(JsonStringEnumConverter<RegisterOutcome>))]
public enum RegisterOutcome
{
    [JsonStringEnumMemberName("stored")] Stored = 1,

    /// <summary>The id has, or had, a password: that one counts.</summary>
    [JsonStringEnumMemberName("kept")] Kept,
    [JsonStringEnumMemberName("refused")] Refused,

    /// <summary>Too many passwords at once: try again.</summary>
    [JsonStringEnumMemberName("busy")] Busy,
}
