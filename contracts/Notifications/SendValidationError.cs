namespace Quayside.Contracts.Notifications;

/// <summary>POST /internal/notifications/validation-error: tells a plausible address why its registration was rejected, once a day. The registration id is the message id.</summary>
/// <param name="Errors">Field to complaints.</param>
public sealed record SendValidationError(string RegistrationId, string Email, IReadOnlyDictionary<string, string[]> Errors);
