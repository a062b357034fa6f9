namespace Quayside.Contracts.Notifications;

/// <summary>POST /internal/notifications/welcome: the registration id is the message id, so a second send overwrites the first.
/// AlreadyRegistered tells the owner of a taken address that somebody tried it, and nobody else; of all such registrations one a day.</summary>
public sealed record SendWelcome(string RegistrationId, string UserId, bool AlreadyRegistered = false);

/// <summary>The answer to a command that sends one mail, also when the recipient has been told today.</summary>
public sealed record MailSent(string MessageId);
