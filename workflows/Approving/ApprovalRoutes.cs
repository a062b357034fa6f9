using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.Contracts.Orders;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Problems;

namespace Quayside.Workflows.Approving;

/// <summary>The body of POST /api/admin/sagas/{orderId}/reject; may be left out.</summary>
public sealed record Rejection(string? Reason = null);

/// <summary>The answer to a decision, the same for every repetition.</summary>
public sealed record ApprovalDecided(string OrderId, string Decision);

/// <summary>An admin's word on an order that waits for it. The order decides; its event wakes the saga.</summary>
internal static class ApprovalRoutes
{
    private const int LongestReason = 500;

    public static void MapApproval(this RouteGroupBuilder sagas)
    {
        var decisions = sagas.MapGroup("/{orderId}").RequireIdempotencyKey();
        decisions.MapPost("/approve", ApproveAsync);
        decisions.MapPost("/reject", RejectAsync);
    }

    private static async Task<Results<Accepted<ApprovalDecided>, ProblemHttpResult>> ApproveAsync(
        string orderId, ClaimsPrincipal user, ApprovalDesk desk, HttpContext context, CancellationToken cancellationToken, [FromHeader(Name = IdempotencyKey.Header)] string key = "") =>
        await AnswerAsync(orderId, "approved", () => desk.ApproveAsync(orderId, new(user.UserId, key), cancellationToken), context);

    private static async Task<Results<Accepted<ApprovalDecided>, ValidationProblem, ProblemHttpResult>> RejectAsync(
        string orderId, Rejection? rejection, ClaimsPrincipal user, ApprovalDesk desk, HttpContext context, CancellationToken cancellationToken, [FromHeader(Name = IdempotencyKey.Header)] string key = "")
    {
        var reason = string.IsNullOrWhiteSpace(rejection?.Reason) ? null : rejection.Reason;
        if (reason is not null && (reason.Length > LongestReason || reason.Any(char.IsControl)))
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["reason"] = [$"must be at most {LongestReason} printable characters"] });
        var answer = await AnswerAsync(orderId, "rejected", () => desk.RejectAsync(orderId, reason, new(user.UserId, key), cancellationToken), context);
        return answer.Result is Accepted<ApprovalDecided> accepted ? accepted : (ProblemHttpResult)answer.Result;
    }

    private static async Task<Results<Accepted<ApprovalDecided>, ProblemHttpResult>> AnswerAsync(
        string orderId, string decision, Func<Task<OrderCommandResult?>> decide, HttpContext context)
    {
        try
        {
            return await decide() switch
            {
                null => IdempotencyKey.Reused(),
                { Result: OrderOutcome.Done } => TypedResults.Accepted($"/api/admin/sagas/{orderId}", new ApprovalDecided(orderId, decision)),
                { Result: OrderOutcome.UnknownOrder } => TypedResults.Problem(
                    statusCode: StatusCodes.Status404NotFound, title: "Unknown order", detail: $"There is no order {orderId}."),
                var refused => TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, title: "The order says no", detail: refused.Reason),
            };
        }
        catch (HttpRequestException)
        {
            context.Response.Headers.RetryAfter = "2";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "Try again soon",
                detail: "Orders cannot answer. Repeat the decision under the same Idempotency-Key.");
        }
    }
}
