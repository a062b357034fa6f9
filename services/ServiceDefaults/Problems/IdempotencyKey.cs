using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quayside.ServiceDefaults.Problems;

/// <summary>The header under which an action may be sent again without happening again.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    public const int MaxLength = 200;

    public static bool IsValid([NotNullWhen(true)] string? key) => !string.IsNullOrWhiteSpace(key) && key.Length <= MaxLength;

    /// <summary>Without the header, or with one of another length than 1 to 200, the answer is 400 and names it.</summary>
    public static TBuilder RequireIdempotencyKey<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter(async (context, next) =>
            IsValid(context.HttpContext.Request.Headers[Header])
                ? await next(context)
                : TypedResults.ValidationProblem(new Dictionary<string, string[]>
                {
                    [Header] = [$"is a header of 1 to {MaxLength} characters, new for each action, the same for each repetition"],
                }));

    /// <summary>What the caller is told who used a key before, for something else.</summary>
    public static ProblemHttpResult Reused() => TypedResults.Problem(
        statusCode: StatusCodes.Status422UnprocessableEntity, title: "Idempotency-Key reused", detail: "Another action was asked for under this Idempotency-Key.");
}
