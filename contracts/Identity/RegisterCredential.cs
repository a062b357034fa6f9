namespace Quayside.Contracts.Identity;

/// <summary>POST /internal/credentials: keeps the password's hash under the registration id; the same id again changes nothing.</summary>
public sealed record RegisterCredential(string RegistrationId, string Password);

/// <summary>Stored is false if the id had a password already.</summary>
public sealed record RegisterCredentialResult(bool Stored);
