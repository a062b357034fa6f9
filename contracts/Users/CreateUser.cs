namespace Quayside.Contracts.Users;

/// <summary>POST /internal/users/create: one user for each registration, one for each address in any spelling. Fields that ValidateUser has passed.</summary>
public sealed record CreateUser(string RegistrationId, string Email, string Name);

/// <summary>The registration's own user, the same every time; or, if the address is taken, its owner.</summary>
/// <param name="User">Null if the registration's own user was deleted since.</param>
public sealed record CreateUserResult(UserProfile? User, bool AlreadyRegistered);
