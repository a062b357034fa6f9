using System.Globalization;
using LocalDapr.Runtime.Cli;

namespace LocalDapr.Runtime.Bindings;

/// <summary>
/// When something happens again: five cron fields (minute hour day month weekday), six with seconds in front, <c>@every 5s</c>, <c>@hourly</c> and
/// the like. When both days are restricted, either will do. Times are those of a time zone; one that a clock change skips does not happen.
/// </summary>
public sealed class CronSchedule
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly TimeSpan every;
    private readonly ulong seconds, minutes, hours, daysOfMonth, months, daysOfWeek;
    private readonly bool eitherDay;

    private CronSchedule(TimeSpan every) => this.every = every;

    private CronSchedule(string[] fields)
    {
        seconds = Field(fields[0], 0, 59);
        minutes = Field(fields[1], 0, 59);
        hours = Field(fields[2], 0, 23);
        daysOfMonth = Field(fields[3], 1, 31);
        months = Field(fields[4], 1, 12, Months);
        daysOfWeek = Field(fields[5], 0, 7, Days);
        if ((daysOfWeek & (1 << 7)) != 0)
            daysOfWeek |= 1;
        eitherDay = !IsAny(fields[3]) && !IsAny(fields[5]);
    }

    /// <exception cref="FormatException">The text is no schedule.</exception>
    public static CronSchedule Parse(string text)
    {
        text = text.Trim();
        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            return Quantity.TryParseDuration(text["@every ".Length..].Trim(), out var every) && every > TimeSpan.Zero
                ? new CronSchedule(every)
                : throw new FormatException($"`{text}` is no schedule: write for example @every 5s");
        }
        var fields = text switch
        {
            "@yearly" or "@annually" => "0 0 0 1 1 *",
            "@monthly" => "0 0 0 1 * *",
            "@weekly" => "0 0 0 * * 0",
            "@daily" or "@midnight" => "0 0 0 * * *",
            "@hourly" => "0 0 * * * *",
            _ => text,
        };
        var parts = fields.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length switch
        {
            5 => new CronSchedule(["0", .. parts]),
            6 => new CronSchedule(parts),
            _ => throw new FormatException($"`{text}` is no schedule: write 5 or 6 cron fields, @every 5s or @hourly"),
        };
    }

    /// <summary>The first time after the given one; null when there is none within five years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        if (every > TimeSpan.Zero)
            return after + every;
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var time = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, local.Second).AddSeconds(1);
        var end = time.AddYears(5);
        while (time < end)
        {
            if (!Has(months, time.Month))
                time = new DateTime(time.Year, time.Month, 1).AddMonths(1);
            else if (!DayMatches(time))
                time = time.Date.AddDays(1);
            else if (!Has(hours, time.Hour))
                time = time.Date.AddHours(time.Hour + 1);
            else if (!Has(minutes, time.Minute))
                time = new DateTime(time.Year, time.Month, time.Day, time.Hour, time.Minute, 0).AddMinutes(1);
            else if (!Has(seconds, time.Second) || zone.IsInvalidTime(time))
                time = time.AddSeconds(1);
            else
                return new DateTimeOffset(time, zone.GetUtcOffset(time));
        }
        return null;
    }

    private bool DayMatches(DateTime time)
    {
        var (month, week) = (Has(daysOfMonth, time.Day), Has(daysOfWeek, (int)time.DayOfWeek));
        return eitherDay ? month || week : month && week;
    }

    private static bool Has(ulong set, int value) => (set & (1UL << value)) != 0;

    private static bool IsAny(string field) => field is "*" or "?";

    private static ulong Field(string text, int low, int high, string[]? names = null)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split('/') switch
            {
                [var all] => (all, 1),
                [var all, var n] when int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var s) && s > 0 => (all, s),
                _ => throw Bad(text),
            };
            var (from, to) = range switch
            {
                "*" or "?" => (low, names == Days ? 6 : high),
                _ when range.Split('-') is [var a, var b] => (Number(a), Number(b)),
                _ when part.Contains('/', StringComparison.Ordinal) => (Number(range), high),
                _ => (Number(range), Number(range)),
            };
            if (from < low || to > high || from > to)
                throw Bad(text);
            for (var i = from; i <= to; i += step)
                set |= 1UL << i;
        }
        return set;

        int Number(string word)
        {
            var named = names is null ? -1 : Array.IndexOf(names, word.ToUpperInvariant());
            if (named >= 0)
                return named + low;
            return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : throw Bad(text);
        }
    }

    private static FormatException Bad(string field) => new($"`{field}` is no cron field");
}
