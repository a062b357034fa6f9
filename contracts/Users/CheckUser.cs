namespace Quayside.Contracts.Users;

/// <summary>POST /internal/users/exists.</summary>
public sealed record CheckUser(string UserId);

public sealed record CheckUserResult(bool Exists);
