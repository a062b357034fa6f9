using Quayside.Contracts;
using Quayside.Contracts.Users;
using Quayside.Notifications.Inbox;
using Quayside.Notifications.Sending;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Notifications.Subscribing;

/// <summary>Of a deleted user nothing stays: no mail, no notification, no address in memory.</summary>
internal sealed class UserDeletions(Customers customers, Mail mail, Inboxes inboxes)
{
    public const string DeadLetters = "notification-service-users-dead";

    private static readonly Subscription Users = new(Topics.PubSub, Topics.Users, DeadLetters);

    public static void Map(IEndpointRouteBuilder app)
    {
        var events = app.MapGroup("/events/users").RequireAuthorization("Dapr");
        events.MapPost("/deleted", (EventEnvelope happened, UserDeletions deletions, CancellationToken cancellationToken) =>
            deletions.ForgetAsync(happened.AggregateId, cancellationToken)).WithTopic(Users.Route(priority: 1, $"event.type == \"{UserEvents.Deleted}\""));
        events.MapPost("/other", () => TypedResults.Ok()).WithTopic(Users.Route(priority: 2));
    }

    /// <summary>Closed first, emptied last: what comes in between takes its own mail back, and whoever fails in between still knows which mails there are.</summary>
    public async Task ForgetAsync(string userId, CancellationToken cancellationToken)
    {
        customers.Forget(userId);
        foreach (var sent in await inboxes.CloseAsync(userId, cancellationToken)) await mail.DropAsync(sent.Id, cancellationToken);
        await inboxes.EmptyAsync(userId, cancellationToken);
    }
}
