namespace Quayside.ServiceDefaults.Authentication;

/// <summary>What issuer and verifiers of access tokens agree on.</summary>
public static class AccessTokens
{
    public const string Issuer = "https://quayside.test";
    public const string Audience = "quayside";
    public const string Algorithm = "ES256";

    /// <summary>Tolerated difference between two machines' clocks.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);
}
