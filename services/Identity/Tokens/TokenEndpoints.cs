using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.IdentityModel.Tokens;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Identity.Tokens;

public sealed record RefreshRequest(string RefreshToken);

public sealed record ValidateRequest(string Token);

/// <summary>UserId and ExpiresAt are left out for a token that is not valid.</summary>
public sealed record ValidateResult(
    bool Valid,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ExpiresAt = null);

internal static class TokenEndpoints
{
    private static readonly TokenValidationParameters Unused = new();

    public static void MapTokens(this WebApplication app)
    {
        var auth = app.MapGroup("/api/auth");
        auth.MapPost("/refresh", RefreshAsync);
        auth.MapPost("/logout", LogoutAsync);
        auth.MapPost("/validate", ValidateAsync);
    }

    private static async Task<Results<Ok<TokenPair>, ProblemHttpResult>> RefreshAsync(RefreshRequest request, Families families, CancellationToken cancellation) =>
        await families.RenewAsync(request.RefreshToken, cancellation) is { } pair
            ? TypedResults.Ok(pair)
            : TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, detail: "The refresh token is not valid; log in again.");

    private static async Task<NoContent> LogoutAsync(RefreshRequest request, Families families, CancellationToken cancellation)
    {
        await families.RevokeAsync(request.RefreshToken, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ValidateResult>> ValidateAsync(
        ValidateRequest request, AccessTokenValidator validator, Families families, CancellationToken cancellation)
    {
        var result = await validator.ValidateTokenAsync(request.Token, Unused);
        if (!result.IsValid || result.ClaimsIdentity.FindFirst("sid") is not { } family || !await families.IsAliveAsync(family.Value, cancellation))
            return TypedResults.Ok(new ValidateResult(false));
        return TypedResults.Ok(new ValidateResult(true, result.ClaimsIdentity.FindFirst("sub")?.Value, new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero)));
    }
}
