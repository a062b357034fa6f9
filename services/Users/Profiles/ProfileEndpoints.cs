using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.EventSourcing;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Versions;

namespace Quayside.Users.Profiles;

/// <summary>The public part: one's own profile, or any for an admin. Whether somebody else exists is told to admins only.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfiles(this WebApplication app)
    {
        var profile = app.MapGroup("/api/users/{id}").RequireAuthorization();
        profile.MapGet("", GetAsync);
        profile.MapPatch("", ChangeAsync);
        profile.MapDelete("", DeleteUser.HandleAsync);
    }

    private static async Task<Results<Ok<Profile>, ForbidHttpResult, NotFound>> GetAsync(
        string id, ClaimsPrincipal user, ProfileReader profiles, HttpResponse response, CancellationToken cancellation)
    {
        if (!MayTouch(user, id)) return TypedResults.Forbid();
        if (await profiles.FindAsync(id, cancellation) is not { } profile) return TypedResults.NotFound();
        response.Headers.ETag = profile.ETag;
        return TypedResults.Ok(profile);
    }

    private static async Task<Results<Ok<Profile>, ForbidHttpResult, NotFound, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        string id, ProfileChange change, ClaimsPrincipal user, ProfileTable profiles, ProfileReader reader, HttpContext context, CancellationToken cancellation)
    {
        if (!MayTouch(user, id)) return TypedResults.Forbid();
        if (change.Validate() is { Count: > 0 } errors) return TypedResults.ValidationProblem(errors);
        Profile? seen = null;
        var changed = await profiles.ChangeAsync(id, old =>
        {
            seen = old;
            return VersionTag.IsMatch(context.Request, old.Version) ? change.ApplyTo(old) : null;
        }, new EventMetadata(Activity.Current?.Id, Actor: user.UserId), cancellation);
        if (seen is null) return TypedResults.NotFound();
        if (changed is not null) await reader.ChangedAsync(changed);
        context.Response.Headers.ETag = (changed ?? seen).ETag;
        return changed is null
            ? VersionTag.Changed("profile")
            : TypedResults.Ok(changed);
    }

    public static bool MayTouch(ClaimsPrincipal user, string id) => user.IsAdmin || user.UserId == id;
}
