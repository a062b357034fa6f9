using System.Globalization;
using System.Xml;
using LocalDapr.Runtime.Cli;

namespace LocalDapr.Runtime.Jobs;

/// <summary>dueTime and ttl: an RFC 3339 time, a Go duration or an ISO 8601 duration from now (contract section 14).</summary>
internal static class JobTimes
{
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static DateTimeOffset Parse(string text, DateTimeOffset now)
    {
        try
        {
            return Read(text, now);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new FormatException($"`{text}` from now is beyond the year 9999");
        }
    }

    private static DateTimeOffset Read(string text, DateTimeOffset now)
    {
        if (text.StartsWith('P'))
            return now + XmlConvert.ToTimeSpan(text);
        if (!long.TryParse(text, CultureInfo.InvariantCulture, out _) && Quantity.TryParseDuration(text, out var duration))
            return now + duration;
        return text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"`{text}` is neither a time nor a duration; write for example 2026-01-31T12:00:00Z, 30s or PT30S");
    }
}
