using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Quayside.Contracts.Registrations;
using Quayside.ServiceDefaults.Clients;
using Quayside.ServiceDefaults.Problems;

namespace Quayside.Users.Registering;

/// <param name="Errors">Of a rejected registration only.</param>
public sealed record RegistrationView(
    RegistrationStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors = null);

/// <summary>POST /api/users and GET /api/registrations/{id}: for everybody, and the same answers whether an address is known or not.</summary>
internal static class RegistrationEndpoints
{
    public static void MapRegistrations(this WebApplication app)
    {
        app.MapPost("/api/users", RegisterAsync).AllowAnonymous();
        app.MapGet("/api/registrations/{id:guid}", GetAsync).AllowAnonymous();
    }

    private static async Task<Results<Accepted<RegistrationView>, ValidationProblem, ProblemHttpResult>> RegisterAsync(
        RegisterUser user, [FromHeader(Name = IdempotencyKey.Header)] string? key,
        [FromHeader(Name = ClientKey.AddressHeader)] string? client, Registrations registrations, HttpContext context, CancellationToken cancellation)
    {
        var errors = user.Validate();
        if (!IdempotencyKey.IsValid(key)) errors[IdempotencyKey.Header] = [$"is a header of 1 to {IdempotencyKey.MaxLength} characters"];
        if (errors.Count > 0) return TypedResults.ValidationProblem(errors);
        try
        {
            return await registrations.StartAsync(key!, user, client ?? "", cancellation) switch
            {
                Asked.Accepted accepted => TypedResults.Accepted($"/api/registrations/{accepted.RegistrationId}", new RegistrationView(RegistrationStatus.Running)),
                Asked.PasswordRefused refused => TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["password"] = [refused.Reason] }),
                _ => ComeBack(context),
            };
        }
        catch (HttpRequestException)
        {
            return ComeBack(context);
        }
    }

    private static async Task<Results<Ok<RegistrationView>, NotFound, ProblemHttpResult>> GetAsync(
        Guid id, Registrations registrations, HttpContext context, CancellationToken cancellation)
    {
        try
        {
            var found = await registrations.FindAsync(id.ToString(), cancellation);
            return found.Status is { } status ? TypedResults.Ok(new RegistrationView(status, found.Errors)) : TypedResults.NotFound();
        }
        catch (HttpRequestException)
        {
            return ComeBack(context);
        }
    }

    /// <summary>With Retry-After the gateway neither retries at once nor counts it against Users.</summary>
    private static ProblemHttpResult ComeBack(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable, title: "Try again soon", detail: "Repeat the request, under the same Idempotency-Key if it had one.");
    }
}
