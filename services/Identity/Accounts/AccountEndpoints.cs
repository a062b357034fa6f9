using Dapr;
using Quayside.Contracts;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;

namespace Quayside.Identity.Accounts;

/// <summary>A user was deleted: Users says so at once, and its event says so for certain.</summary>
internal static class AccountEndpoints
{
    public const string DeadLetters = "auth-service-users-dead";

    public static void MapAccounts(this WebApplication app)
    {
        app.MapPost("/internal/accounts/close", async (CloseAccount command, AccountBook accounts, CancellationToken cancellation) =>
        {
            await accounts.CloseAsync(command.UserId, cancellation);
            return TypedResults.Ok(new CloseAccountResult(Closed: true));
        }).RequireAuthorization("Dapr");

        var events = app.MapGroup("/events/users").RequireAuthorization("Dapr");
        events.MapPost("/deleted", HandleAsync).WithTopic(Users(priority: 1, $"event.type == \"{UserEvents.Deleted}\""));

        // An event that no rule matches would be dead-lettered.
        events.MapPost("/other", () => TypedResults.Ok()).WithTopic(Users(priority: 2));
    }

    /// <summary>The handler of every event, also of one that was parked and is replayed.</summary>
    public static Task HandleAsync(EventEnvelope happened, AccountBook accounts, CancellationToken cancellation) =>
        happened.EventType == UserEvents.Deleted ? accounts.CloseAsync(happened.AggregateId, cancellation) : Task.CompletedTask;

    private static TopicOptions Users(int priority, string? match = null) => new()
    {
        PubsubName = Topics.PubSub,
        Name = Topics.Users,
        Match = match,
        Priority = priority,
        DeadLetterTopic = DeadLetters,
    };
}
