using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Quayside.ServiceDefaults.Problems;

/// <summary>Every error leaves as RFC 9457 problem details: refused input names its field, a failure tells nothing but its trace id.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    private const string Utf8 = "utf-8";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!IsUtf8(context.Request))
        {
            await WriteAsync(context, TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, detail: "Text is read as UTF-8 only."));
            return;
        }

        try
        {
            await next(context);
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, InputProblem.From(refused));
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted) context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, failure, context.Request.Method, context.Request.Path);
            await WriteAsync(context, TypedResults.Problem(statusCode: StatusCodes.Status500InternalServerError));
            return;
        }

        if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null, ContentLength: null or 0 })
            await TypedResults.Problem(statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }

    /// <summary>The framework reads no body of a charset that it does not know, and no quoted name of one; it takes both for failures of its own.</summary>
    private static bool IsUtf8(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue) return true;
        if (type.Charset.Equals(Utf8, StringComparison.OrdinalIgnoreCase)) return true;
        if (!HeaderUtilities.RemoveQuotes(type.Charset).Equals(Utf8, StringComparison.OrdinalIgnoreCase)) return false;
        type.Charset = Utf8;
        request.ContentType = type.ToString();
        return true;
    }

    private static Task WriteAsync(HttpContext context, IResult problem)
    {
        context.Response.Clear();
        return problem.ExecuteAsync(context);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception failure, string method, string path);
    }
}
