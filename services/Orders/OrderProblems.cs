using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Orders.Admission;

namespace Quayside.Orders;

/// <summary>What a customer is told when it does not work.</summary>
internal static class OrderProblems
{
    public static ProblemHttpResult Unknown(string orderId) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "Unknown order", detail: $"You have no order {orderId}.");

    public static ValidationProblem Invalid(string field, string what) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [what] });

    public static ProblemHttpResult Refused(string reason) =>
        TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, title: "The order says no", detail: reason);

    /// <summary>Nothing was placed: the same request under the same key is welcome in a while.</summary>
    public static ProblemHttpResult Busy(HttpContext context, Overload reason)
    {
        context.Response.Headers.RetryAfter = "2";
        return reason is Overload.User
            ? TypedResults.Problem(
                statusCode: StatusCodes.Status429TooManyRequests, title: "Too many orders under way", detail: "Place more when some of yours are finished.")
            : TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "Too busy", detail: "The order was not placed. Repeat it under the same Idempotency-Key.");
    }

    public static ProblemHttpResult TooManyStreams(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status429TooManyRequests, title: "Too many streams", detail: "Close one of your streams before you open another.");
    }

    public static ProblemHttpResult Behind(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "Try again soon", detail: "The list does not show yet what you have seen.");
    }
}
