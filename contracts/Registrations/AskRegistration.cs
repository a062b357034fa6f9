using System.Text.Json.Serialization;

namespace Quayside.Contracts.Registrations;

/// <summary>POST /internal/registrations/status of workflows.</summary>
public sealed record AskRegistration(string RegistrationId);

/// <summary>Status is null if there is no such registration (any more).</summary>
/// <param name="Errors">Of a rejected one: field to complaints.</param>
public sealed record AskRegistrationResult(RegistrationStatus? Status, IReadOnlyDictionary<string, string[]>? Errors = null);

[JsonConverter(typeof(JsonStringEnumConverter<RegistrationStatus>))]
public enum RegistrationStatus
{
    [JsonStringEnumMemberName("running")] Running = 1,

    /// <summary>Says nothing about whether the address was free: whoever owns it has been told.</summary>
    [JsonStringEnumMemberName("completed")] Completed,

    /// <summary>A field breaks a rule.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,
}
