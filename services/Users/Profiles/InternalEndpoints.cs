using Quayside.Contracts.Users;

namespace Quayside.Users.Profiles;

/// <summary>What other services ask, through their sidecars.</summary>
internal static class InternalEndpoints
{
    public static void MapInternal(this WebApplication app)
    {
        var users = app.MapGroup("/internal/users").RequireAuthorization("Dapr");
        users.MapPost("/exists", (CheckUser question, ProfileTable profiles) =>
            TypedResults.Ok(new CheckUserResult(profiles.Find(question.UserId) is not null)));
        users.MapPost("/profile", (ReadProfile question, ProfileTable profiles) =>
            TypedResults.Ok(new ReadProfileResult(profiles.Find(question.UserId) is { } p ? new UserProfile(p.Id, p.Email, p.Name) : null)));
    }
}
