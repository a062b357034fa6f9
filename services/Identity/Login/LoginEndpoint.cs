using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Users;
using Quayside.Identity.Credentials;
using Quayside.Identity.Tokens;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Identity.Login;

public sealed record LoginRequest(string Email, string Password);

/// <summary>POST /api/auth/login: the same answer, after the same work, for an unknown account and for a wrong password.</summary>
internal static class LoginEndpoint
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static void MapLogin(this WebApplication app) => app.MapPost("/api/auth/login", LoginAsync);

    private static async Task<Results<Ok<TokenPair>, ValidationProblem, ProblemHttpResult>> LoginAsync(
        LoginRequest request, CredentialBook book, PasswordCheck passwords, LoginThrottle throttle, Families families, FirstStart start, HttpContext context, CancellationToken cancellation)
    {
        if (Validate(request) is { Count: > 0 } errors) return TypedResults.ValidationProblem(errors);
        await start.Done.WaitAsync(cancellation);
        var account = CredentialBook.KeyOf(request.Email);
        var client = ClientKey.Of(context.Request.Headers[ClientKey.AddressHeader].ToString());
        if (throttle.Begin(account, client) is { } wait)
            return ComeBack(context, wait, StatusCodes.Status429TooManyRequests, "Too many failed logins; try again later.");

        Credential? credential;
        Verdict? verdict;
        try
        {
            credential = await book.FindAsync(request.Email, cancellation);
            verdict = await passwords.TryVerifyAsync(credential?.PasswordHash, request.Password, client, cancellation);
        }
        catch
        {
            throttle.Failed(account, client);
            throw;
        }

        if (verdict is null)
        {
            throttle.Forgive(account, client);
            return ComeBack(context, Soon, StatusCodes.Status503ServiceUnavailable, "Too many logins at once.");
        }

        if (!verdict.IsRight)
        {
            throttle.Failed(account, client);
            return Wrong();
        }

        throttle.Succeeded(account, client);
        if (await families.StartAsync(credential!.UserId, cancellation) is not { } pair) return Wrong();
        if (verdict.NewHash is { } better) await book.RehashAsync(request.Email, credential, better, cancellation);
        return TypedResults.Ok(pair);
    }

    private static ProblemHttpResult Wrong() => TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, detail: "E-mail or password is wrong.");

    private static ProblemHttpResult ComeBack(HttpContext context, TimeSpan wait, int status, string why)
    {
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(statusCode: status, detail: why);
    }

    private static Dictionary<string, string[]> Validate(LoginRequest request)
    {
        Dictionary<string, string[]> errors = [];
        if (request.Email.Trim().Length is 0 or > EmailAddress.MaxLength) errors["email"] = ["must be an e-mail address"];
        if (request.Password.Length is 0 or > CredentialEndpoints.MaxPassword) errors["password"] = [$"must have 1 to {CredentialEndpoints.MaxPassword} characters"];
        return errors;
    }
}
