using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Identity;
using Quayside.EventSourcing;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;
using Quayside.ServiceDefaults.Versions;

namespace Quayside.Users.Profiles;

/// <summary>
/// DELETE /api/users/{id}: for good, and however often it is asked. First the commit, which <c>user.deleted</c> follows to everybody; then Identity is told at
/// once, so that 204 means that no login is left. 202: it will hear from the event.
/// </summary>
internal sealed partial class DeleteUser(ProfileTable profiles, ProfileReader reader, Invoker invoker, ILogger<DeleteUser> logger)
{
    public static async Task<Results<NoContent, Accepted, ForbidHttpResult, NotFound, ProblemHttpResult>> HandleAsync(
        string id, ClaimsPrincipal user, DeleteUser delete, HttpContext context, CancellationToken cancellation)
    {
        if (!ProfileEndpoints.MayTouch(user, id)) return TypedResults.Forbid();
        Profile? seen = null;
        var gone = await delete.DeleteAsync(id, old => VersionTag.IsMatch(context.Request, (seen = old).Version), user.UserId, cancellation);
        if (!gone && seen is not null) return VersionTag.Changed("profile");
        if (!gone) return TypedResults.NotFound();
        return await delete.CloseAccountAsync(id, cancellation) ? TypedResults.NoContent() : TypedResults.Accepted((string?)null);
    }

    /// <returns>Whether the user is deleted, now or before.</returns>
    private async Task<bool> DeleteAsync(string id, Func<Profile, bool> mayDelete, string by, CancellationToken cancellation)
    {
        var gone = await profiles.DeleteAsync(id, mayDelete, new EventMetadata(Activity.Current?.Id, Actor: by), cancellation);
        if (gone is null) return await profiles.WasDeletedAsync(id, cancellation);
        await reader.ChangedAsync(gone);
        return true;
    }

    private async Task<bool> CloseAccountAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return (await invoker.PostAsync<CloseAccount, CloseAccountResult>("auth-service", "/internal/accounts/close", new(id), cancellation)).Closed;
        }
        catch (HttpRequestException failure)
        {
            Log.NotClosed(logger, failure, id);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Identity could not be told at once that user {UserId} is deleted; the event will tell it")]
        public static partial void NotClosed(ILogger logger, Exception failure, string userId);
    }
}
