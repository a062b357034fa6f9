namespace Quayside.Contracts.Identity;

/// <summary>POST /internal/accounts/close: ends all logins of a user for good and forgets the password; again it changes nothing.</summary>
public sealed record CloseAccount(string UserId);

public sealed record CloseAccountResult(bool Closed);
