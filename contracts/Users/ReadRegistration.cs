namespace Quayside.Contracts.Users;

/// <summary>POST /internal/users/registration: what was given with a registration that has not led to a user.</summary>
public sealed record ReadRegistration(string RegistrationId);

/// <summary>Given is null if it has led to a user, or is not kept (any more).</summary>
public sealed record ReadRegistrationResult(Registrant? Given);

/// <summary>As somebody wrote it, without blanks around: nothing is proved.</summary>
public sealed record Registrant(string Email, string Name);
