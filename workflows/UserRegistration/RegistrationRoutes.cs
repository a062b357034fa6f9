using Quayside.Contracts.Registrations;

namespace Quayside.Workflows.UserRegistration;

/// <summary>What user-service tells and asks.</summary>
internal static class RegistrationRoutes
{
    public static void MapRegistrations(this WebApplication app)
    {
        var registrations = app.MapGroup("/internal/registrations").RequireAuthorization("Dapr");
        registrations.MapPost("", async (StartRegistration registration, RegistrationStarter starter, CancellationToken cancellationToken) =>
            TypedResults.Ok(new StartRegistrationResult(await starter.EnsureStartedAsync(registration.RegistrationId, cancellationToken))));
        registrations.MapPost("/status", async (AskRegistration question, RegistrationStarter starter, CancellationToken cancellationToken) =>
            TypedResults.Ok(await starter.FindAsync(question.RegistrationId, cancellationToken)));
    }
}
