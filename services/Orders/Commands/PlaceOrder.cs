using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Problems;

namespace Quayside.Orders.Commands;

/// <summary>POST /api/orders.</summary>
internal static class PlaceOrder
{
    public static async Task<Results<Accepted<OrderAccepted>, ValidationProblem, ProblemHttpResult>> HandleAsync(
        CreateOrder order,
        [FromHeader(Name = IdempotencyKey.Header)] string? key,
        ClaimsPrincipal user,
        CreateOrderHandler handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (!IdempotencyKey.IsValid(key))
            return OrderProblems.Invalid(IdempotencyKey.Header, $"is a header of 1 to {IdempotencyKey.MaxLength} characters, new for each order, the same for each repetition");
        try
        {
            return await handler.HandleAsync(user.UserId, key, order, cancellationToken) switch
            {
                Placed.Accepted accepted => OrderAccepted.Answer(context, accepted.OrderId, accepted.Status, accepted.Version),
                Placed.Invalid invalid => TypedResults.ValidationProblem(invalid.Problems),
                Placed.Refused refused => OrderProblems.Busy(context, refused.Reason),
                Placed.KeyReused => TypedResults.Problem(
                    statusCode: StatusCodes.Status422UnprocessableEntity, title: "Idempotency-Key reused",
                    detail: "An order with another body was placed under this Idempotency-Key."),
                Placed.UnknownUser => TypedResults.Problem(
                    statusCode: StatusCodes.Status404NotFound, title: "Unknown user", detail: $"There is no user {user.UserId}."),
                var other => throw new InvalidOperationException($"Unexpected {other}"),
            };
        }
        catch (HttpRequestException)
        {
            // Users or Inventory cannot answer: with Retry-After the gateway neither retries at once nor counts it against Orders.
            context.Response.Headers.RetryAfter = "2";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "Try again soon",
                detail: "The order was not placed. Repeat it under the same Idempotency-Key.");
        }
    }
}
