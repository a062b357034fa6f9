using System.Security.Claims;
using System.Text.Json;
using Dapr;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Problems;

namespace Quayside.ServiceDefaults.Parking;

public static class ParkingExtensions
{
    /// <param name="services">Of the app.</param>
    /// <param name="storeName">Where parked events are kept.</param>
    /// <param name="handle">Handles one event as its subscription does; gets the data of the CloudEvent.</param>
    public static IServiceCollection AddParking(
        this IServiceCollection services, string storeName, Func<IServiceProvider, JsonElement, CancellationToken, Task> handle) =>
        services.AddSingleton(provider => new ParkingLot(
            provider.GetRequiredService<DaprClient>(), storeName, (happened, cancellationToken) => handle(provider, happened, cancellationToken),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ParkingLot>>()));

    /// <summary>Subscribes the app to its own dead letters and lets an admin list, replay and drop them, each action under an Idempotency-Key and in the audit trail.</summary>
    public static void MapParking(this IEndpointRouteBuilder app, string appId, string pubsubName, params string[] deadLetterTopics)
    {
        var dead = app.MapPost("/events/dead", (JsonElement happened, ParkingLot lot, CancellationToken cancellationToken) => lot.ParkAsync(happened, cancellationToken))
            .RequireAuthorization("Dapr");
        foreach (var topic in deadLetterTopics) dead.WithTopic(new TopicOptions { PubsubName = pubsubName, Name = topic });

        var parked = app.MapGroup($"/api/admin/parked/{appId}").RequireAuthorization("admin");
        parked.MapGet("", async (ParkingLot lot, CancellationToken cancellationToken) => Page(await lot.ReadAsync(cancellationToken)));
        parked.MapPost("/{eventId}/replay", async (
            string eventId, ClaimsPrincipal user, ParkingLot lot, CancellationToken cancellationToken, [FromHeader(Name = IdempotencyKey.Header)] string key = "") =>
            Answer(await lot.ReplayAsync(eventId, user.UserId, key, cancellationToken))).RequireIdempotencyKey();
        parked.MapDelete("/{eventId}", async (
            string eventId, ClaimsPrincipal user, ParkingLot lot, CancellationToken cancellationToken, [FromHeader(Name = IdempotencyKey.Header)] string key = "") =>
            Answer(await lot.DropAsync(eventId, user.UserId, key, cancellationToken))).RequireIdempotencyKey();
    }

    private static ParkedPage Page(ParkingDocument document) => new(document.Parked, null, [.. document.Actions.Reverse()]);

    private static Results<NoContent, NotFound, ProblemHttpResult> Answer(ParkingOutcome outcome) => outcome switch
    {
        ParkingOutcome.Done => TypedResults.NoContent(),
        ParkingOutcome.Unknown => TypedResults.NotFound(),
        _ => IdempotencyKey.Reused(),
    };
}
