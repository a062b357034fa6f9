namespace Quayside.Contracts.Users;

/// <summary>POST /internal/users/profile.</summary>
public sealed record ReadProfile(string UserId);

/// <summary>Profile is null if there is no such user.</summary>
public sealed record ReadProfileResult(UserProfile? Profile);

public sealed record UserProfile(string UserId, string Email, string Name);
