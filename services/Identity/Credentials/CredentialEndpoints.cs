using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Identity;

namespace Quayside.Identity.Credentials;

internal static class CredentialEndpoints
{
    public const int MinPassword = 10;
    public const int MaxPassword = 256;

    public static void MapCredentials(this WebApplication app) =>
        app.MapPost("/internal/credentials", RegisterAsync).RequireAuthorization("Dapr");

    private static async Task<Results<Ok<RegisterCredentialResult>, ValidationProblem>> RegisterAsync(
        RegisterCredential request, CredentialBook book, PasswordCheck passwords, CancellationToken cancellation)
    {
        Dictionary<string, string[]> errors = [];
        if (!Guid.TryParse(request.RegistrationId, out var id)) errors["registrationId"] = ["must be a UUID"];
        if (request.Password.Length is < MinPassword or > MaxPassword) errors["password"] = [$"must have {MinPassword} to {MaxPassword} characters"];
        if (errors.Count > 0) return TypedResults.ValidationProblem(errors);
        var stored = await book.AddWaitingAsync(id.ToString(), passwords.Hash(request.Password), cancellation);
        return TypedResults.Ok(new RegisterCredentialResult(stored));
    }
}
