using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.ServiceDefaults.Authentication;

namespace Quayside.Notifications.Inbox;

internal static class InboxEndpoints
{
    private const int MaxPage = 100;

    public static void MapInbox(this IEndpointRouteBuilder app) => app.MapGet("/api/notifications", ListAsync).RequireAuthorization();

    private static async Task<Results<Ok<NotificationPage>, ValidationProblem>> ListAsync(
        ClaimsPrincipal caller, Inboxes inboxes, CancellationToken cancellationToken, string? cursor = null, int limit = MaxPage)
    {
        if (limit is < 1 or > MaxPage) return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["limit"] = [$"must be from 1 to {MaxPage}"] });
        var items = (await inboxes.ReadAsync(caller.UserId, cancellationToken)).Items;
        var from = cursor is null ? 0 : items.FindIndex(item => item.Id == cursor) + 1;
        if (cursor is not null && from == 0) return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["cursor"] = ["is not known any more"] });
        var page = items.Skip(from).Take(limit).ToList();
        return TypedResults.Ok(new NotificationPage(page, from + page.Count < items.Count ? page[^1].Id : null));
    }
}
