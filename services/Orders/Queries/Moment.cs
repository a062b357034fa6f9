using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quayside.Orders.Queries;

/// <summary>The query parameter <c>at</c>: a time that has an offset, or none at all.</summary>
internal static class Moment
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    public static ValidationProblem Invalid => OrderProblems.Invalid("at", "must be a time such as 2026-01-31T12:00:00Z");

    public static bool TryParse(string? text, out DateTimeOffset? at)
    {
        at = null;
        if (text is null)
            return true;
        // without an offset the time would be that of the server
        if (!(text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            || !DateTimeOffset.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
            return false;
        at = parsed;
        return true;
    }
}
