namespace Quayside.Contracts.Notifications;

/// <summary>POST /internal/notifications/welcome: the registration id is the message id, so a second send overwrites the first.
/// AlreadyRegistered tells the owner of a taken address that somebody tried it, and nobody else.</summary>
public sealed record SendWelcome(string RegistrationId, string UserId, bool AlreadyRegistered = false);

/// <summary>The answer to a command that sends one mail.</summary>
public sealed record MailSent(string MessageId);
