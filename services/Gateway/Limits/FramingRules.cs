namespace Quayside.Gateway.Limits;

/// <summary>Refuses a request that gives its length and is chunked too: a proxy in front may have believed the length, and what follows would be a request that it never saw.</summary>
public sealed class FramingRules(RequestDelegate next)
{
    /// <summary>Kestrel believes the chunks and leaves the length here.</summary>
    private const string OverruledLength = "X-Content-Length";

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.ContainsKey(OverruledLength)) return next(context);
        context.Response.Headers.Connection = "close";
        return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, detail: "A request has a length or is chunked, not both.").ExecuteAsync(context);
    }
}
