using Microsoft.AspNetCore.Http.Features;

namespace Quayside.Gateway.Routing;

/// <summary>
/// Refuses request targets that two readers could understand differently: the sidecar decodes a path again, so what is
/// authorized here must be what arrives there.
/// </summary>
public sealed class PathRules(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return IsPlain(target) ? next(context) : Refuse(context);
    }

    private static bool IsPlain(string target)
    {
        if (!target.StartsWith('/')) return false;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        if (path == "/") return true;
        var segments = path[1..].Split('/');
        // One slash at the end is harmless.
        var count = segments[^1].Length == 0 ? segments.Length - 1 : segments.Length;
        return segments.Take(count).All(IsPlainSegment);
    }

    private static bool IsPlainSegment(string raw)
    {
        var segment = Uri.UnescapeDataString(raw);
        return segment is not ("" or "." or "..") && !segment.Any(c => c is '/' or '\\' or '%' or '?' or '#' or ';' || char.IsControl(c));
    }

    private static Task Refuse(HttpContext context) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        detail: "The path must be made of plain segments: no dot segments, empty segments, encoded slashes or double encoding.").ExecuteAsync(context);
}
