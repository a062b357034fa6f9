using System.Text.Json.Serialization;

namespace Quayside.Contracts.Identity;

/// <summary>POST /internal/credentials/activate: the registration's waiting password becomes the login of its user; again it changes nothing.</summary>
public sealed record ActivateCredential(string RegistrationId, string UserId, string Email);

public sealed record ActivateCredentialResult(ActivateOutcome Result);

/// <summary>POST /internal/credentials/drop: the address was taken, the waiting password is of no use.</summary>
public sealed record DropCredential(string RegistrationId);

public sealed record DropCredentialResult(bool Dropped);

[JsonConverter(typeof(JsonStringEnumConverter<ActivateOutcome>))]
public enum ActivateOutcome
{
    [JsonStringEnumMemberName("activated")] Activated = 1,

    /// <summary>No password waits (any more), and the user has none.</summary>
    [JsonStringEnumMemberName("missing")] Missing,

    /// <summary>The address is the login of another user.</summary>
    [JsonStringEnumMemberName("taken")] Taken,

    /// <summary>The user was deleted: there is no login any more, nor will be.</summary>
    [JsonStringEnumMemberName("closed")] Closed,
}
