using Quayside.Contracts.Identity;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Identity.Credentials;

/// <summary>What a registration asks of Identity. Refusals are results: a status over 399 would count against the whole app.</summary>
internal static class CredentialEndpoints
{
    public const int MinPassword = 10;
    public const int MaxPassword = 256;

    /// <summary>Below the 2 s that an invocation may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    public static void MapCredentials(this WebApplication app)
    {
        var credentials = app.MapGroup("/internal/credentials").RequireAuthorization("Dapr");
        credentials.MapPost("", async (RegisterCredential request, CredentialBook book, PasswordCheck passwords, CancellationToken cancellation) =>
            TypedResults.Ok(await RegisterAsync(request, book, passwords, cancellation)));
        credentials.MapPost("/activate", async (ActivateCredential request, CredentialBook book, CancellationToken cancellation) =>
            TypedResults.Ok(new ActivateCredentialResult(await book.ActivateAsync(request, cancellation))));
        credentials.MapPost("/drop", async (DropCredential request, CredentialBook book, CancellationToken cancellation) =>
            TypedResults.Ok(new DropCredentialResult(await book.DropWaitingAsync(request.RegistrationId, cancellation))));
    }

    private static async Task<RegisterCredentialResult> RegisterAsync(
        RegisterCredential request, CredentialBook book, PasswordCheck passwords, CancellationToken cancellation)
    {
        if (request.Password.Length is < MinPassword or > MaxPassword)
            return new(RegisterOutcome.Refused, $"must have {MinPassword} to {MaxPassword} characters");
        // Hashed also when the id has a password already: how long it takes must not tell.
        if (await passwords.TryHashAsync(request.Password, ClientKey.Of(request.Client), Patience, cancellation) is not { } hash) return new(RegisterOutcome.Busy);
        var stored = await book.AddWaitingAsync(request.RegistrationId, hash, cancellation);
        return new(stored ? RegisterOutcome.Stored : RegisterOutcome.Kept);
    }
}
