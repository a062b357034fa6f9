namespace Quayside.Contracts.Users;

/// <summary>POST /internal/users/create: one user for each registration, one for each address in any spelling. Fields that ValidateUser has passed.</summary>
/// <param name="Email">With the name only from a registration that was started before Users kept them.</param>
public sealed record CreateUser(string RegistrationId, string? Email = null, string? Name = null);

/// <summary>The registration's own user, the same every time; or, if the address was taken, its owner.</summary>
/// <param name="User">Null if that user was deleted since, or Users kept the registration no longer.</param>
public sealed record CreateUserResult(UserProfile? User, bool AlreadyRegistered);
