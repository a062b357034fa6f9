namespace Quayside.Contracts.Registrations;

/// <summary>POST /internal/registrations of workflows: starts the workflow UserRegistration, once for each id. The password waits with Identity, address and name with Users.</summary>
public sealed record StartRegistration(string RegistrationId);

/// <summary>Started is false if the registration was there already; then nothing has changed.</summary>
public sealed record StartRegistrationResult(bool Started);
