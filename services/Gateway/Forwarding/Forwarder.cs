using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Quayside.Gateway.Limits;
using Quayside.Gateway.Resilience;
using Quayside.Gateway.Routing;
using Quayside.ServiceDefaults.Logging;
using Quayside.ServiceDefaults.Problems;

namespace Quayside.Gateway.Forwarding;

/// <summary>One request of the outside: route, authorize, limit, send, answer.</summary>
public sealed class Forwarder(RouteTable table, RateLimits limits, Breakers breakers, StartingApps starting, Wire wire, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (table.Find(context.Request.Method, context.Request.Path) is not { } found)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (route, app) = found;
        var isAuthorized = IsAuthorized(context.User, route);
        if (limits.Refuse(context, isAuthorized ? route.RateLimit : RateLimits.Anonymous) is { } wait)
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, wait, "Too many requests; slow down.");
            return;
        }

        if (!isAuthorized)
        {
            await (context.User.Identity is { IsAuthenticated: true } ? context.ForbidAsync() : context.ChallengeAsync());
            return;
        }

        if (!await starting.HasStartedAsync(app, TimeSpan.FromSeconds(route.Timeout), context.RequestAborted))
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, TimeSpan.FromSeconds(1), "The service is starting.");
            return;
        }

        if (await RequestBody.ReadAsync(context, route.MaxBody) is not { } body)
        {
            await ProblemAsync(context, StatusCodes.Status413PayloadTooLarge, $"The body may have {route.MaxBody} bytes.");
            return;
        }

        await ForwardAsync(context, route, app, body);
    }

    private static bool IsAuthorized(ClaimsPrincipal user, RouteLine route) => route.Access switch
    {
        Access.Anonymous => true,
        Access.User => user.Identity is { IsAuthenticated: true },
        _ => user.IsInRole("admin"),
    };

    private async Task ForwardAsync(HttpContext context, RouteLine route, string app, RequestBody body)
    {
        var correlation = HeaderRules.Correlate(context);
        context.Response.Headers[CorrelationId.Header] = correlation;
        var key = context.Request.Headers[IdempotencyKey.Header].ToString();
        if (key.Length == 0 && route.AddIdempotencyKey) key = Guid.CreateVersion7().ToString();
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var started = time.GetTimestamp();
        try
        {
            using var answer = await breakers.For(app, route, MayRepeat(context.Request, body)).ExecuteAsync(TryAsync, context.RequestAborted);
            await AnswerAsync(context, route, answer, TimeSpan.FromSeconds(route.Timeout) - time.GetElapsedTime(started));
        }
        catch (BrokenCircuitException open)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, open.RetryAfter ?? TimeSpan.FromSeconds(1), "The service is not available.");
        }
        catch (Exception failure) when (failure.GetBaseException() is BadHttpRequestException ofTheClient)
        {
            throw ofTheClient;
        }
        catch (TimeoutRejectedException)
        {
            await ProblemAsync(context, StatusCodes.Status504GatewayTimeout, "The service did not answer in time.");
        }
        catch (HttpRequestException)
        {
            await ProblemAsync(context, StatusCodes.Status502BadGateway, "The service cannot be reached.");
        }

        async ValueTask<Answer> TryAsync(CancellationToken cancellation)
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(context.Request.Method), (Uri?)null) { Content = body.ToContent() };
            HeaderRules.CopyRequest(context, request);
            request.Headers.TryAddWithoutValidation(CorrelationId.Header, correlation);
            if (key.Length > 0) request.Headers.TryAddWithoutValidation(IdempotencyKey.Header, key);
            return await Answer.ReadAsync(await wire.SendAsync(request, app, target, cancellation), cancellation);
        }
    }

    // The first try may have changed the version unseen: the second would be 412, and the caller believe that nothing was done.
    private static bool MayRepeat(HttpRequest request, RequestBody body) =>
        body.IsRepeatable && (request.Headers.IfMatch.Count == 0 || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));

    private async Task AnswerAsync(HttpContext context, RouteLine route, Answer answer, TimeSpan left)
    {
        var status = answer.NotDelivered ? StatusCodes.Status502BadGateway : (int)answer.Response.StatusCode;
        if (!answer.IsPresentable)
        {
            if (answer.Response.Headers.RetryAfter is { } after) context.Response.Headers.RetryAfter = after.ToString();
            if (answer.Response.Headers.WwwAuthenticate.Count > 0)
                context.Response.Headers.WWWAuthenticate = answer.Response.Headers.WwwAuthenticate.ToString();
            await ProblemAsync(context, status, null);
            return;
        }

        context.Response.StatusCode = status;
        HeaderRules.CopyResponse(answer.Response, context);
        using var end = new CancellationTokenSource(route.Stream ? Timeout.InfiniteTimeSpan : left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, context.RequestAborted);
        try
        {
            await CopyAsync(answer.Response.Content, context.Response, both.Token);
        }
        catch (Exception cut) when (cut is OperationCanceledException or IOException or HttpRequestException)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
        }
    }

    private static async Task CopyAsync(HttpContent content, HttpResponse response, CancellationToken cancellation)
    {
        await using var source = await content.ReadAsStreamAsync(cancellation);
        var writer = response.BodyWriter;
        while (true)
        {
            var read = await source.ReadAsync(writer.GetMemory(4096), cancellation);
            if (read == 0) return;
            writer.Advance(read);
            await writer.FlushAsync(cancellation);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return ProblemAsync(context, status, detail);
    }

    private static Task ProblemAsync(HttpContext context, int status, string? detail) =>
        TypedResults.Problem(statusCode: status, detail: detail).ExecuteAsync(context);
}
