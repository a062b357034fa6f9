using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Quayside.ServiceDefaults.Logging;

/// <summary>One line a request: Debug (or RequestLog:Level) when it went well or was refused, Warning when the service failed.</summary>
internal sealed partial class RequestLog(RequestDelegate next, IConfiguration configuration, ILogger<RequestLog> logger)
{
    private readonly LogLevel usual = configuration.GetValue("RequestLog:Level", LogLevel.Debug);

    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        await next(context);
        var status = context.Response.StatusCode;
        // Probes ask every second; what they find is the prober's to tell.
        var level = context.Request.Path.StartsWithSegments("/healthz") ? LogLevel.Debug : status < 500 ? usual : LogLevel.Warning;
        if (!logger.IsEnabled(level)) return;
        Log.Answered(
            logger, level, context.Request.Method, context.Request.Path, status, Stopwatch.GetElapsedTime(started).TotalMilliseconds,
            context.User.FindFirst("sub")?.Value, CorrelationOf(context));
    }

    /// <summary>The gateway writes it on the answer, and a service gets it with the request.</summary>
    private static string? CorrelationOf(HttpContext context) =>
        context.Response.Headers[CorrelationId.Header] is [{ } made] ? made : context.Request.Headers[CorrelationId.Header] is [{ Length: <= CorrelationId.MaxLength } given] ? given : null;

    private static partial class Log
    {
        [LoggerMessage(Message = "{Method} {Path} answered {Status} in {Elapsed:0.0} ms (user {UserId}, correlation {CorrelationId})")]
        public static partial void Answered(ILogger logger, LogLevel level, string method, string path, int status, double elapsed, string? userId, string? correlationId);
    }
}
