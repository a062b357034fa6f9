namespace Quayside.Contracts.Users;

/// <summary>Who exists at first start, with passwords that are for development only.</summary>
public static class SeedUsers
{
    public static readonly SeedUser Demo = new("10000000-0000-4000-8000-000000000001", "demo@quayside.test", "Demo", "demo-pass-1234", "user");
    public static readonly SeedUser Admin = new("10000000-0000-4000-8000-000000000002", "admin@quayside.test", "Admin", "admin-pass-1234", "admin");

    public static IReadOnlyList<SeedUser> All { get; } = [Demo, Admin];

    /// <param name="setting">Seed:Users. <c>true</c>, the default: all; <c>admin</c>: the admin alone, with the password Seed:AdminPassword; else nobody.</param>
    public static IReadOnlyList<SeedUser> Of(string? setting) => setting?.ToUpperInvariant() switch
    {
        null or "TRUE" => All,
        "ADMIN" => [Admin],
        _ => [],
    };

    /// <param name="setting">Seed:Users.</param>
    /// <returns>Whether who exists has the password that is published here.</returns>
    public static bool AreForDevelopment(string? setting) => Of(setting) == All;
}

public sealed record SeedUser(string UserId, string Email, string Name, string DevelopmentPassword, string Role);
