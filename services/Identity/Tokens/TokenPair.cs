namespace Quayside.Identity.Tokens;

/// <param name="ExpiresIn">Seconds that the access token lives.</param>
public sealed record TokenPair(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn);
