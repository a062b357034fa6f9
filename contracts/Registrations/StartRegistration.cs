namespace Quayside.Contracts.Registrations;

/// <summary>POST /internal/registrations of workflows: starts the workflow UserRegistration, once for each id. The password is not its business.</summary>
public sealed record StartRegistration(string RegistrationId, string Email, string Name);

/// <summary>Started is false if the registration was there already; then nothing has changed.</summary>
public sealed record StartRegistrationResult(bool Started);
