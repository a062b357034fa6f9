using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Quayside.ServiceDefaults.Problems;

/// <summary>The header under which an action may be sent again without happening again.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 200;

    /// <summary>Without the header, or with one of another length than 1 to 200, the answer is 400 and names it.</summary>
    public static TBuilder RequireIdempotencyKey<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter(async (context, next) =>
        {
            var key = context.HttpContext.Request.Headers[Header].ToString();
            return string.IsNullOrWhiteSpace(key) || key.Length > MaxLength
                ? TypedResults.ValidationProblem(new Dictionary<string, string[]>
                {
                    [Header] = [$"is a header of 1 to {MaxLength} characters, new for each action, the same for each repetition"],
                })
                : await next(context);
        });

    /// <summary>What the caller is told who used a key before, for something else.</summary>
    public static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Reused() => TypedResults.Problem(
        statusCode: StatusCodes.Status422UnprocessableEntity, title: "Idempotency-Key reused", detail: "Another action was asked for under this Idempotency-Key.");
}
