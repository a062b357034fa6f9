using Quayside.Contracts;
using Quayside.Contracts.Users;
using Quayside.Orders.Customers;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Orders.Forgetting;

/// <summary>The topic <c>users</c>: a deleted user is marked, everything else is acknowledged.</summary>
internal static class UserDeletions
{
    public const string DeadLetters = "order-service-users-dead";

    private static readonly Subscription Users = new(Topics.PubSub, Topics.Users, DeadLetters);

    public static void MapUserDeletions(this IEndpointRouteBuilder app)
    {
        var events = app.MapGroup("/events/users").RequireAuthorization("Dapr");
        events.MapPost("/deleted", HandleAsync).WithTopic(Users.Route(priority: 1, $"event.type == \"{UserEvents.Deleted}\""));
        events.MapPost("/other", () => TypedResults.Ok()).WithTopic(Users.Route(priority: 2));
    }

    /// <summary>The handler of every event, also of one that was parked and is replayed.</summary>
    public static async Task HandleAsync(EventEnvelope happened, ForgottenUsers forgotten, CustomerDirectory customers, CancellationToken cancellationToken)
    {
        if (happened.EventType != UserEvents.Deleted)
            return;
        await forgotten.AddAsync(happened.AggregateId, cancellationToken);
        await customers.ForgetAsync(happened.AggregateId);
    }
}
