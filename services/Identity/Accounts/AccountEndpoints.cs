using Quayside.Contracts;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Identity.Accounts;

/// <summary>A user was deleted: Users says so at once, and its event says so for certain.</summary>
internal static class AccountEndpoints
{
    public const string DeadLetters = "auth-service-users-dead";

    private static readonly Subscription Users = new(Topics.PubSub, Topics.Users, DeadLetters);

    public static void MapAccounts(this WebApplication app)
    {
        app.MapPost("/internal/accounts/close", async (CloseAccount command, AccountBook accounts, CancellationToken cancellation) =>
        {
            await accounts.CloseAsync(command.UserId, cancellation);
            return TypedResults.Ok(new CloseAccountResult(Closed: true));
        }).RequireAuthorization("Dapr");

        var events = app.MapGroup("/events/users").RequireAuthorization("Dapr");
        events.MapPost("/deleted", HandleAsync).WithTopic(Users.Route(priority: 1, $"event.type == \"{UserEvents.Deleted}\""));
        events.MapPost("/other", () => TypedResults.Ok()).WithTopic(Users.Route(priority: 2));
    }

    /// <summary>The handler of every event, also of one that was parked and is replayed.</summary>
    public static Task HandleAsync(EventEnvelope happened, AccountBook accounts, CancellationToken cancellation) =>
        happened.EventType == UserEvents.Deleted ? accounts.CloseAsync(happened.AggregateId, cancellation) : Task.CompletedTask;
}
