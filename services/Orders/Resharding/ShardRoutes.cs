using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.Orders.Storage;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Problems;
using Quayside.Sharding;
using Quayside.Sharding.Resharding;

namespace Quayside.Orders.Resharding;

/// <summary>The body of POST /api/admin/shards.</summary>
/// <param name="Shards">How many there shall be: as many as now or more, at most 64.</param>
public sealed record AddShards(int Shards);

/// <summary>GET /api/admin/shards shows them, POST adds some.</summary>
internal static partial class ShardRoutes
{
    private const int Most = 64;

    public static void MapShards(this WebApplication app)
    {
        var shards = app.MapGroup("/api/admin/shards").RequireAuthorization("admin").AnswerWhileMoving();
        shards.MapGet("/", async (Shards all, CancellationToken cancellationToken) => TypedResults.Ok(await ShardReports.ReadAsync(all, cancellationToken)));
        shards.MapPost("/", AddAsync).RequireIdempotencyKey();
    }

    /// <summary>What is being moved and was not there in time is asked for again soon: with Retry-After the gateway does not count it against Orders.</summary>
    public static RouteGroupBuilder AnswerWhileMoving(this RouteGroupBuilder routes) => routes.AddEndpointFilter(async (context, next) =>
    {
        try
        {
            return await next(context);
        }
        catch (ShardBusyException)
        {
            context.HttpContext.Response.Headers.RetryAfter = "2";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "Try again soon", detail: "The order is being moved to another shard. Nothing was changed.");
        }
    });

    private static async Task<Results<Accepted<AddShards>, ValidationProblem, ProblemHttpResult>> AddAsync(
        AddShards asked, ClaimsPrincipal user, Shards shards, ReshardingSignal signal, ILogger<AddShards> logger, CancellationToken cancellationToken,
        [FromHeader(Name = IdempotencyKey.Header)] string key = "")
    {
        if (asked.Shards is < 1 or > Most)
            return OrderProblems.Invalid("shards", $"must be 1 to {Most}");
        var answer = await shards.Directory.BeginAsync(asked.Shards, user.UserId, $"{user.UserId}\n{key}", cancellationToken);
        Log.Asked(logger, user.UserId, asked.Shards, answer);
        signal.Raise();
        return answer switch
        {
            ReshardingRequest.Accepted => TypedResults.Accepted("/api/admin/shards", asked),
            ReshardingRequest.Fewer => OrderProblems.Invalid("shards", $"must be at least {shards.Router.Map.Shards}, which there are: shards are only added"),
            ReshardingRequest.KeyReused => IdempotencyKey.Reused(),
            _ => TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "Resharding is running", detail: "Another number of shards was asked for and is not reached yet."),
        };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Admin} asked for {Shards} shards: {Answer}")]
        public static partial void Asked(ILogger logger, string admin, int shards, ReshardingRequest answer);
    }
}
