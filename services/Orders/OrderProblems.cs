using Microsoft.AspNetCore.Http.HttpResults;

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

    public static ProblemHttpResult Behind(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "Try again soon", detail: "The list does not show yet what you have seen.");
    }
}
