using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Users.Registering;

namespace Quayside.Users.Profiles;

/// <summary>What other services ask, through their sidecars.</summary>
internal static class InternalEndpoints
{
    public static void MapInternal(this WebApplication app)
    {
        var users = app.MapGroup("/internal/users").RequireAuthorization("Dapr");
        users.MapPost("/exists", async (CheckUser question, ProfileReader profiles, CancellationToken cancellation) =>
            TypedResults.Ok(new CheckUserResult(await profiles.FindAsync(question.UserId, cancellation) is not null)));
        users.MapPost("/profile", async (ReadProfile question, ProfileReader profiles, CancellationToken cancellation) =>
            TypedResults.Ok(new ReadProfileResult((await profiles.FindAsync(question.UserId, cancellation))?.ToContract())));
        users.MapPost("/registration", async (ReadRegistration question, RegistrationTable registrations, CancellationToken cancellation) =>
            TypedResults.Ok(new ReadRegistrationResult(await registrations.FindAsync(question.RegistrationId, cancellation))));
        users.MapPost("/create", CreateAsync);
    }

    private static async Task<Ok<CreateUserResult>> CreateAsync(CreateUser command, RegistrationTable registrations, CancellationToken cancellation)
    {
        var metadata = new EventMetadata(Activity.Current?.Id, CorrelationId: command.RegistrationId, CommandId: command.RegistrationId);
        var profile = await registrations.CreateUserAsync(command, metadata, cancellation);
        var isOwner = profile is not null && profile.Id != RegistrationIds.UserOf(command.RegistrationId);
        return TypedResults.Ok(new CreateUserResult(profile?.ToContract(), AlreadyRegistered: isOwner));
    }

    private static UserProfile ToContract(this Profile profile) => new(profile.Id, profile.Email, profile.Name);
}
